import { describe, expect, it } from 'vitest';
import { holdsChange, normalisePatch } from '../../../demo/shop/normalise-patch.ts';

const plain = `diff --git a/src/a.js b/src/a.js
--- a/src/a.js
+++ b/src/a.js
@@ -1,2 +1,2 @@
--- a/demo/shop/services/user-service/src/kept.js
-old
+new
`;
const shifted = (prefix: string) =>
  plain
    .replace('diff --git a/src/a.js b/src/a.js', `diff --git a/${prefix}src/a.js b/${prefix}src/a.js`)
    .replace('\n--- a/src/a.js', `\n--- a/${prefix}src/a.js`)
    .replace('+++ b/src/a.js', `+++ b/${prefix}src/a.js`);

describe('a patch made elsewhere', () => {
  it.each([['demo/shop/services/user-service/'], ['demo/shop/services/shared/'], ['services/user-service/']])(
    'under %s is one for the service',
    (prefix) => {
      expect(normalisePatch(shifted(prefix), 'user-service')).toBe(plain);
    },
  );

  it('that adds or renames a file keeps meaning that file', () => {
    const patch = `diff --git a/demo/shop/services/user-service/src/a.js b/demo/shop/services/user-service/src/b.js
similarity index 100%
rename from demo/shop/services/user-service/src/a.js
rename to demo/shop/services/user-service/src/b.js
diff --git a/demo/shop/services/user-service/src/c.js b/demo/shop/services/user-service/src/c.js
new file mode 100644
--- /dev/null
+++ b/demo/shop/services/user-service/src/c.js
@@ -0,0 +1 @@
+1
`;

    expect(normalisePatch(patch, 'user-service').match(/demo\/shop/g)).toBeNull();
    expect(normalisePatch(patch, 'user-service')).toContain('rename to src/b.js');
    expect(normalisePatch(patch, 'user-service')).toContain('--- /dev/null\n+++ b/src/c.js');
  });

  it('by format-patch loses its signature, and by an editor of another system its line ends', () => {
    const mail = `From 0123 Mon Sep 17 00:00:00 2001\nFrom: A <a@shop.example>\nSubject: [PATCH] x\n\n---\n${plain}-- \n2.43.0\n\n`;

    expect(normalisePatch(mail, 'user-service')).not.toMatch(/^-- $/m);
    expect(normalisePatch(plain.replaceAll('\n', '\r\n'), 'user-service')).toBe(plain);
    expect(normalisePatch(plain.trimEnd(), 'user-service')).toBe(plain);
  });

  it('is told from a file without a change', () => {
    expect(holdsChange(plain)).toBe(true);
    expect(holdsChange('hello\n')).toBe(false);
  });
});
