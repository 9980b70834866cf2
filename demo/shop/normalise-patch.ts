const HEADER = /^(diff --git |--- |\+\+\+ |rename from |rename to |copy from |copy to )(.*)$/;

/**
 * Brings a patch to what `git apply` takes in the service's repository: paths relative to its root, whether it was
 * made there, in the project's checkout (`demo/shop/services/<service>/…`) or by `git format-patch`.
 */
export function normalisePatch(patch: string, service: string): string {
  const text = /\r\n/.test(patch) && !/[^\r]\n/.test(patch) ? patch.replaceAll('\r\n', '\n') : patch;
  // The line under a mailed patch would be taken for a removed "- ".
  const lines = text.replace(/\n-- \n[^\n]*\n*(?=$|From )/g, '\n').split('\n');
  let inHunk = false;
  const written = lines.map((line, index) => {
    if (line.startsWith('diff --git ')) inHunk = false;
    else if (line.startsWith('@@ ')) inHunk = true;
    const isNextFile = line.startsWith('--- ') && lines[index + 1]?.startsWith('+++ ') === true;
    if (isNextFile) inHunk = false;
    const header = inHunk ? null : HEADER.exec(line);
    return header === null ? line : `${header[1]}${cutPaths(header[2] ?? '', service)}`;
  });
  const whole = written.join('\n');
  return whole.endsWith('\n') ? whole : `${whole}\n`;
}

/** `a/demo/shop/services/<service>/src/x.js` becomes `a/src/x.js`; what all services share lies in each of them. */
function cutPaths(rest: string, service: string): string {
  return rest.replace(
    new RegExp(`(^|\\s|")([ab]/)?(?:\\./)?(?:\\S*?/)?services/(?:${service}|shared)/`, 'g'),
    (_whole, before: string, prefix: string | undefined) => `${before}${prefix ?? ''}`,
  );
}

/** Whether git would find any change in it. */
export function holdsChange(patch: string): boolean {
  return /^(\+\+\+ |rename to |GIT binary patch|new file mode|deleted file mode)/m.test(patch);
}
