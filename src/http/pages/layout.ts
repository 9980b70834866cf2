import { createHash } from 'node:crypto';
import type { Reply } from '../route.ts';
import { type Html, html, Html as Markup } from './html.ts';
import { stylesheet } from './style.ts';

const styleHash = createHash('sha256').update(stylesheet).digest('base64');

/** No script at all, nothing from elsewhere, and only this one style: what a page shows comes from logs and commits. */
const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  // The signature is in the address, so the address must not travel with a click.
  'referrer-policy': 'no-referrer',
  'cache-control': 'private, no-store',
  'x-robots-tag': 'noindex',
};

export function pageReply(status: number, title: string, body: Html): Reply {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Markup(stylesheet)}</style>
</head>
<body>
<main>
${body}
<footer>Warroom · read-only page · all times UTC</footer>
</main>
</body>
</html>
`;
  return { status, headers, body: page.markup };
}

export function missingPage(what: string): Reply {
  return pageReply(
    404,
    'Not found',
    html`<h1>${what} is not in the record</h1><p class="soft">Open the link again from the incident channel.</p>`,
  );
}
