import { isObject, type JsonObject, objectOf, objectsOf, textOf } from './json-shapes.ts';

/** What Slack documents for blocks, as we read it; `problems` is empty when we found nothing wrong. */
export interface BlockCheck {
  error?: 'invalid_blocks' | 'msg_blocks_too_long';
  problems: string[];
}

type Report = (pointer: string, problem: string) => void;

const KNOWN_BLOCKS = new Set(
  (
    'actions alert card carousel container context context_actions data_table divider file header image ' +
    'input markdown plan rich_text section table task_card video'
  ).split(' '),
);
const MESSAGE_BLOCKS_MAX = 50;
const VIEW_BLOCKS_MAX = 100;
const MESSAGE_TEXT_MAX = 13_000;
const WITHOUT_ACTION_ID = new Set(['image', 'plain_text', 'mrkdwn']);

/** Checks a message's or a view's blocks against the documented limits that our own cards could break. */
export function checkBlocks(blocks: unknown, surface: 'message' | 'view'): BlockCheck {
  const problems: string[] = [];
  const report: Report = (pointer, problem) => problems.push(`[ERROR] ${problem} [json-pointer:${pointer}]`);
  if (!Array.isArray(blocks)) {
    report('/blocks', 'must be an array');
    return { error: 'invalid_blocks', problems };
  }
  const max = surface === 'message' ? MESSAGE_BLOCKS_MAX : VIEW_BLOCKS_MAX;
  if (blocks.length > max) report('/blocks', `no more than ${max} items allowed`);
  const blockIds = new Set<string>();
  for (const [index, block] of blocks.entries()) checkBlock(block, `/blocks/${index}`, blockIds, report);
  if (problems.length > 0) return { error: 'invalid_blocks', problems };
  if (surface === 'message' && countText(blocks) > MESSAGE_TEXT_MAX) {
    return {
      error: 'msg_blocks_too_long',
      problems: [`[ERROR] more than ${MESSAGE_TEXT_MAX} characters of text`],
    };
  }
  return { problems };
}

function checkBlock(value: unknown, at: string, blockIds: Set<string>, report: Report): void {
  if (!isObject(value)) {
    report(at, 'must be an object');
    return;
  }
  const type = textOf(value.type);
  if (!KNOWN_BLOCKS.has(type)) {
    report(`${at}/type`, `unsupported type: ${type || 'none'}`);
    return;
  }
  const blockId = textOf(value.block_id);
  if (blockId.length > 255) report(`${at}/block_id`, 'must be less than 256 characters');
  if (blockId && blockIds.has(blockId)) report(`${at}/block_id`, `block_id ${blockId} already exists`);
  blockIds.add(blockId);
  blockRules[type]?.(value, at, report);
}

const blockRules: Record<string, (block: JsonObject, at: string, report: Report) => void> = {
  header: (block, at, report) => checkText(block.text, `${at}/text`, 150, report, 'plain_text'),
  section(block, at, report) {
    const fields = block.fields === undefined ? [] : objectsOf(block.fields);
    if (block.text === undefined && fields.length === 0) report(at, 'missing required field: text or fields');
    if (block.text !== undefined) checkText(block.text, `${at}/text`, 3000, report);
    if (fields.length > 10) report(`${at}/fields`, 'no more than 10 items allowed');
    fields.forEach((field, index) => {
      checkText(field, `${at}/fields/${index}`, 2000, report);
    });
    if (block.accessory !== undefined) checkElements([block.accessory], `${at}/accessory`, report);
  },
  context(block, at, report) {
    const elements = objectsOf(block.elements);
    if (elements.length === 0) report(`${at}/elements`, 'no fewer than 1 items allowed');
    if (elements.length > 10) report(`${at}/elements`, 'no more than 10 items allowed');
    elements.forEach((element, index) => {
      if (element.type === 'image') checkImage(element, `${at}/elements/${index}`, report);
      else checkText(element, `${at}/elements/${index}`, 3000, report);
    });
  },
  actions(block, at, report) {
    const elements = objectsOf(block.elements);
    if (elements.length === 0) report(`${at}/elements`, 'no fewer than 1 items allowed');
    if (elements.length > 25) report(`${at}/elements`, 'no more than 25 items allowed');
    checkElements(elements, `${at}/elements`, report);
  },
  input(block, at, report) {
    checkText(block.label, `${at}/label`, 2000, report, 'plain_text');
    if (block.hint !== undefined) checkText(block.hint, `${at}/hint`, 2000, report, 'plain_text');
    checkElements([block.element], `${at}/element`, report);
  },
  image: (block, at, report) => checkImage(block, at, report),
  markdown(block, at, report) {
    const text = textOf(block.text);
    if (text.length === 0) report(`${at}/text`, 'must be more than 0 characters');
    if (text.length > 12_000) report(`${at}/text`, 'must be less than 12001 characters');
  },
  rich_text(block, at, report) {
    if (objectsOf(block.elements).length === 0) report(`${at}/elements`, 'no fewer than 1 items allowed');
  },
};

function checkText(value: unknown, at: string, max: number, report: Report, only?: 'plain_text'): void {
  if (!isObject(value)) {
    report(at, 'missing required field: text object');
    return;
  }
  const allowed = only ? [only] : ['plain_text', 'mrkdwn'];
  if (!allowed.includes(textOf(value.type))) report(`${at}/type`, `must be one of: ${allowed.join(', ')}`);
  if (typeof value.text !== 'string' || value.text.length === 0) {
    report(`${at}/text`, 'must be more than 0 characters');
  } else if (value.text.length > max) {
    report(`${at}/text`, `must be less than ${max + 1} characters`);
  }
}

function checkImage(image: JsonObject, at: string, report: Report): void {
  if (!textOf(image.alt_text)) report(`${at}/alt_text`, 'missing required field: alt_text');
  const url = textOf(image.image_url);
  if (!url && !isObject(image.slack_file)) report(`${at}/image_url`, 'missing required field: image_url');
  if (url && !/^https?:\/\//.test(url)) report(`${at}/image_url`, 'must be a valid URL');
  if (url.length > 3000) report(`${at}/image_url`, 'must be less than 3001 characters');
}

function checkElements(elements: unknown[], at: string, report: Report): void {
  const actionIds = new Set<string>();
  for (const [index, element] of elements.entries()) {
    const here = elements.length === 1 && !at.endsWith('elements') ? at : `${at}/${index}`;
    if (!isObject(element)) {
      report(here, 'missing required field: element');
      continue;
    }
    if (element.type === 'image') {
      checkImage(element, here, report);
      continue;
    }
    const actionId = textOf(element.action_id);
    if (!actionId && !WITHOUT_ACTION_ID.has(textOf(element.type))) {
      report(`${here}/action_id`, 'missing required field: action_id');
    }
    if (actionId.length > 255) report(`${here}/action_id`, 'must be less than 256 characters');
    if (actionIds.has(actionId))
      report(`${here}/action_id`, `action_id ${actionId} already exists in this block`);
    actionIds.add(actionId);
    checkElement(element, here, report);
  }
}

function checkElement(element: JsonObject, at: string, report: Report): void {
  const type = textOf(element.type);
  if (type === 'button') {
    checkText(element.text, `${at}/text`, 75, report, 'plain_text');
    if (textOf(element.value).length > 2000) report(`${at}/value`, 'must be less than 2001 characters');
    if (textOf(element.url).length > 3000) report(`${at}/url`, 'must be less than 3001 characters');
    if (element.style !== undefined && element.style !== 'primary' && element.style !== 'danger') {
      report(`${at}/style`, 'must be one of: primary, danger');
    }
  }
  if (element.options !== undefined) {
    const options = objectsOf(element.options);
    const max = type === 'overflow' ? 5 : type.includes('select') ? 100 : 10;
    if (options.length === 0) report(`${at}/options`, 'no fewer than 1 items allowed');
    if (options.length > max) report(`${at}/options`, `no more than ${max} items allowed`);
    options.forEach((option, index) => {
      checkText(option.text, `${at}/options/${index}/text`, 75, report);
      if (textOf(option.value).length > 150)
        report(`${at}/options/${index}/value`, 'must be less than 151 characters');
    });
  }
  if (element.placeholder !== undefined)
    checkText(element.placeholder, `${at}/placeholder`, 150, report, 'plain_text');
  if (element.confirm !== undefined) checkConfirm(objectOf(element.confirm), `${at}/confirm`, report);
}

function checkConfirm(confirm: JsonObject, at: string, report: Report): void {
  checkText(confirm.title, `${at}/title`, 100, report, 'plain_text');
  checkText(confirm.text, `${at}/text`, 300, report);
  checkText(confirm.confirm, `${at}/confirm`, 30, report, 'plain_text');
  checkText(confirm.deny, `${at}/deny`, 30, report, 'plain_text');
}

/** Every string under a `text` key: what a reader sees, not values or ids. */
function countText(value: unknown): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countText(item), 0);
  if (!isObject(value)) return 0;
  return Object.entries(value).reduce(
    (sum, [key, item]) => sum + (key === 'text' && typeof item === 'string' ? item.length : countText(item)),
    0,
  );
}

/** Checks a modal or home view; Slack answers these problems with `invalid_arguments`. */
export function checkView(view: JsonObject): string[] {
  const problems: string[] = [];
  const report: Report = (pointer, problem) =>
    problems.push(`[ERROR] ${problem} [json-pointer:/view${pointer}]`);
  if (view.type === 'modal') checkText(view.title, '/title', 24, report, 'plain_text');
  for (const part of ['submit', 'close']) {
    if (isObject(view[part])) checkText(view[part], `/${part}`, 24, report, 'plain_text');
  }
  if (textOf(view.private_metadata).length > 3000)
    report('/private_metadata', 'must be less than 3001 characters');
  if (textOf(view.callback_id).length > 255) report('/callback_id', 'must be less than 256 characters');
  const hasInput = objectsOf(view.blocks).some((block) => block.type === 'input');
  if (view.type === 'modal' && hasInput && !isObject(view.submit))
    report('/submit', 'required with input blocks');
  return [...problems, ...checkBlocks(view.blocks, 'view').problems];
}
