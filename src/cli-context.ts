const usage = `npm run warroom -- context SERVICE

  what an agent of this service would begin with now: what is loaded of its source, its neighbours, past incidents and
  the last hour, what is left out and why, in tokens
`;

/** @param read lines about one service @returns the exit code */
export async function runContext(
  args: readonly string[],
  read: (service: string) => Promise<readonly string[]>,
): Promise<number> {
  const [service, ...rest] = args;
  if (service === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (service === undefined || rest.length > 0) {
    process.stderr.write(usage);
    return 2;
  }
  const lines = await read(service);
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
