const severeWords =
  /\b(?:error|exception|fatal|panic|critical|fail(?:ed|ure|s)?|refused|unavailable|denied|cannot|could not|unable|timed? ?out|timeout|crash(?:ed)?|abort(?:ed)?|reject(?:ed)?|traceback|uncaught|unhandled)\b|\w+(?:Error|Exception)\b/i;
const warningWords = /\b(?:warn(?:ing)?|retry(?:ing)?|slow|deprecated|degraded|expired|invalid|missing)\b/i;

/** Severity from the words of a line that states none. */
export function learnLevel(text: string): 'error' | 'warn' | 'info' {
  if (severeWords.test(text)) return 'error';
  return warningWords.test(text) ? 'warn' : 'info';
}
