import type { LocalSlack } from '../../demo/local-slack/local-slack.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A channel as a person reads it, threads below their heads, in Markdown. */
export async function writeTranscript(slack: LocalSlack, person: string, channel: string): Promise<string> {
  const reader = slack.as(person);
  const names = new Map(slack.users.map((user) => [user.id, user.name]));
  const parts: string[] = [];
  for (const message of await reader.messages(channel)) {
    // Slack's own notes: who joined, what the topic is.
    if (message['subtype'] !== undefined && message['subtype'] !== 'bot_message') continue;
    parts.push(sayMessage(message, names));
    const ts = textOf(message['ts']);
    if (Number(message['reply_count'] ?? 0) === 0) continue;
    for (const reply of (await reader.thread(channel, ts)).slice(1))
      parts.push(quote(sayMessage(reply, names)));
  }
  return `${parts.join('\n\n')}\n`;
}

function sayMessage(message: Fields, names: ReadonlyMap<string, string>): string {
  const who = message['bot_id'] === undefined ? (names.get(textOf(message['user'])) ?? 'someone') : 'Warroom';
  const blocks = listOf(message['blocks']).map(sayBlock).filter(Boolean);
  const attached = listOf(message['attachments']).flatMap((one) => listOf(one['blocks']).map(sayBlock));
  const files = listOf(message['files']).map((file) => `📎 ${textOf(file['title']) || textOf(file['name'])}`);
  const said =
    [...blocks, ...attached].length > 0 ? [...blocks, ...attached] : [toMarkdown(textOf(message['text']))];
  return [`**${who}**`, ...said, ...files].filter(Boolean).join('\n\n');
}

function sayBlock(block: Fields): string {
  switch (block['type']) {
    case 'header':
      return `### ${textOf(fieldsOf(block['text'])['text'])}`;
    case 'section':
      return [fieldsOf(block['text']), ...listOf(block['fields'])]
        .map((one) => toMarkdown(textOf(one['text'])))
        .filter(Boolean)
        .join('\n\n');
    case 'context':
      return `<sub>${listOf(block['elements'])
        .map((one) => toMarkdown(textOf(one['text'] ?? one['alt_text'])))
        .join(' · ')}</sub>`;
    case 'actions':
      return listOf(block['elements'])
        .map(
          (one) => `\`[ ${textOf(fieldsOf(one['text'])['text'] ?? fieldsOf(one['placeholder'])['text'])} ]\``,
        )
        .join(' ');
    case 'markdown':
      return textOf(block['text']);
    case 'image':
      return `🖼 ${textOf(block['alt_text'])}`;
    case 'divider':
      return '---';
    default:
      return block['type'] === 'rich_text' ? richText(block) : '';
  }
}

/** The plain words of a rich text, lists as lists. */
function richText(value: unknown): string {
  if (Array.isArray(value)) return value.map(richText).join('');
  const node = fieldsOf(value);
  if (typeof node['text'] === 'string') return node['text'];
  if (node['type'] === 'rich_text_list')
    return listOf(node['elements'])
      .map((item) => `- ${richText(item)}\n`)
      .join('');
  if (node['type'] === 'rich_text_preformatted') return `\n\`\`\`\n${richText(node['elements'])}\n\`\`\`\n`;
  return richText(node['elements'] ?? []);
}

/** Slack's own marks in Markdown's; addresses of a machine that is gone are left out. */
function toMarkdown(text: string): string {
  return text
    .replace(/<https?:[^|>]+\|([^>]+)>/g, '$1')
    .replace(/<!date\^[^|>]+\|([^>]+)>/g, '$1')
    .replace(/(^|[\s(])\*([^*\n]+)\*(?=[\s.,:;)!?]|$)/g, '$1**$2**')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll('\n', '  \n');
}

const quote = (text: string): string =>
  text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);
