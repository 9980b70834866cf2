const windowSize = 6400;
const stepSize = 100;

/** The baseline as NAB ships it: how improbable the value is in the normal distribution of a long window. */
export function scoreByGaussian(values: readonly number[]): number[] {
  let window: number[] = [];
  let step: number[] = [];
  let mean = 0;
  let deviation = 1;
  const update = (): void => {
    mean = window.reduce((sum, value) => sum + value, 0) / window.length;
    deviation = Math.sqrt(window.reduce((sum, value) => sum + (value - mean) ** 2, 0) / window.length);
    if (deviation === 0) deviation = 0.000001;
  };
  return values.map((value) => {
    const score = window.length === 0 ? 0 : 1 - upperTail(Math.abs(value - mean) / deviation);
    if (window.length < windowSize) {
      window.push(value);
      update();
    } else {
      step.push(value);
      if (step.length === stepSize) {
        window = [...window.slice(stepSize), ...step];
        step = [];
        update();
      }
    }
    return score;
  });
}

/** P(Z > z), by the continued fraction of Abramowitz and Stegun 7.1.26, to 1e-7. */
function upperTail(z: number): number {
  const x = z / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return 0.5 * poly * Math.exp(-x * x);
}
