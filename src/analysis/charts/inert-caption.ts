import { maskShapes } from '../../platform/mask-credentials.ts';

/**
 * Text from outside as it may stand in a picture: one line, no credentials, no character that hides or reorders, and only
 * such as the chart's own font has, so that no font of a machine decides how it looks.
 */
export function inertCaption(text: string, max: number): string {
  const clean = maskShapes(text)
    .normalize('NFC')
    .replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\p{Cf}\p{Variation_Selector}]/gu, '')
    .replaceAll(
      /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\u0020-\u00ff\u2010-\u205e\u20ac\u2190-\u22ff]/gu,
      '▯',
    )
    .trim();
  const characters = Array.from(clean);
  return characters.length <= max
    ? clean
    : `${characters
        .slice(0, max - 1)
        .join('')
        .trimEnd()}…`;
}
