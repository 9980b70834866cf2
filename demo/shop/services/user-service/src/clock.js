/** The staging shop runs on a compressed clock: `secondsPerHour` real seconds are one shop hour. */
export function hoursToMs(hours, { secondsPerHour }) {
  return hours * secondsPerHour * 1000;
}

export function minutesToMs(minutes, clock) {
  return hoursToMs(minutes / 60, clock);
}
