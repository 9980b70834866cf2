/** Lines of the new side that a unified diff adds or changes, by path. */
export function touchedLines(diff: string): Map<string, number[]> {
  const touched = new Map<string, number[]>();
  let file: string | null = null;
  let line = 0;
  let left = { old: 0, new: 0 };
  for (const row of diff.split('\n')) {
    if (left.old > 0 || left.new > 0) {
      const sign = row[0] ?? ' ';
      if (sign === '\\') continue;
      if (sign === '+') {
        if (file !== null) touched.set(file, [...(touched.get(file) ?? []), line]);
        left.new -= 1;
        line += 1;
      } else if (sign === '-') left.old -= 1;
      else {
        left = { old: left.old - 1, new: left.new - 1 };
        line += 1;
      }
      continue;
    }
    const head = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(row);
    if (head !== null) {
      line = Number(head[2]);
      left = { old: Number(head[1] ?? 1), new: Number(head[3] ?? 1) };
    } else if (row.startsWith('+++ ')) {
      const path = row.slice(4).replace(/\t.*$/, '');
      file = path === '/dev/null' ? null : path.replace(/^"?b\//, '').replace(/"$/, '');
    }
  }
  return touched;
}
