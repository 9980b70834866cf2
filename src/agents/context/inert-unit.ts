import { sha256 } from '../../platform/canonical-json.ts';
import { maskForms, maskShapes } from '../../platform/mask-credentials.ts';
import { maskDiff } from '../../platform/mask-secrets.ts';
import { visibleText } from '../../platform/visible-text.ts';

const settings = /\.(json|ya?ml|toml|ini|cfg|conf|properties|env|hcl|tf|xml)$|(^|\/)\.env[\w.]*$/i;
const code =
  /\.([cm]?[jt]sx?|py|go|java|kt|rb|rs|cs|php|scala|swift|c|cc|cpp|h|hpp|sh|sql|md|mdx|proto|graphql|ex|exs|lua)$|(^|\/)(Dockerfile|Makefile|Procfile)$/i;

/**
 * Text from outside as a model may see it: nothing in it hides, reorders or is a credential, and nothing in it can end
 * its unit, since the fence carries a digest of what stands inside.
 */
export function inertUnit(title: string, text: string, path: string): string {
  const clean = maskByPath(visibleText(text), path);
  const heading = visibleText(title)
    .replaceAll(/[\n\t<>]+/g, ' ')
    .slice(0, 400);
  const fence = sha256(`${heading}\n${clean}`).slice(0, 12);
  return `<unit ${fence} ${heading}>\n${clean}${clean.endsWith('\n') ? '' : '\n'}</unit ${fence}>\n`;
}

/** By names in settings, by form alone in code: there a name and a `=` are a call more often than a secret. */
export function maskByPath(text: string, path: string): string {
  if (settings.test(path)) return maskDiff(text, []);
  return code.test(path) ? maskForms(text) : maskShapes(text);
}
