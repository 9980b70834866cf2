import { isObject, type JsonObject, objectOf, objectsOf, textOf } from './json-shapes.ts';

/** block_id → action_id → what an input holds, as in Slack's `view.state.values`. */
export type StateValues = Record<string, Record<string, JsonObject>>;

/** The values of all inputs: what the person entered, else what the view starts with. */
export function collectState(blocks: unknown, entered: StateValues): StateValues {
  const values: StateValues = {};
  for (const block of objectsOf(blocks)) {
    const elements =
      block.type === 'input'
        ? [block.element]
        : block.type === 'actions'
          ? objectsOf(block.elements)
          : [block.accessory];
    for (const element of elements) {
      if (!isObject(element) || !isStateful(textOf(element.type))) continue;
      const blockId = textOf(block.block_id);
      const actionId = textOf(element.action_id);
      values[blockId] ??= {};
      values[blockId][actionId] = entered[blockId]?.[actionId] ?? initialValue(element);
    }
  }
  return values;
}

/** block_id → complaint, for every required input that holds nothing and every text that is too short or too long. */
export function missingInputs(blocks: unknown, values: StateValues): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of objectsOf(blocks)) {
    if (block.type !== 'input') continue;
    const blockId = textOf(block.block_id);
    const element = objectOf(block.element);
    const value = values[blockId]?.[textOf(element.action_id)];
    if (!value || isEmpty(value)) {
      if (block.optional !== true) errors[blockId] = 'Please complete this required field.';
      continue;
    }
    const { length } = textOf(value.value);
    const [min, max] = [Number(element.min_length ?? 0), Number(element.max_length ?? 3000)];
    if (length > 0 && length < min) errors[blockId] = `Please enter at least ${min} characters.`;
    if (length > max) errors[blockId] = `Please enter at most ${max} characters.`;
  }
  return errors;
}

function isStateful(type: string): boolean {
  return /select|input|picker|checkboxes|radio_buttons/.test(type);
}

function initialValue(element: JsonObject): JsonObject {
  const type = textOf(element.type);
  if (type.endsWith('_input')) return { type, value: element.initial_value ?? null };
  if (type === 'checkboxes' || type === 'multi_static_select') {
    return { type, selected_options: element.initial_options ?? [] };
  }
  if (type === 'users_select') return { type, selected_user: element.initial_user ?? null };
  if (type === 'multi_users_select') return { type, selected_users: element.initial_users ?? [] };
  if (type === 'channels_select') return { type, selected_channel: element.initial_channel ?? null };
  if (type === 'conversations_select')
    return { type, selected_conversation: element.initial_conversation ?? null };
  if (type === 'datepicker') return { type, selected_date: element.initial_date ?? null };
  if (type === 'timepicker') return { type, selected_time: element.initial_time ?? null };
  return { type, selected_option: element.initial_option ?? null };
}

function isEmpty(value: JsonObject): boolean {
  return Object.entries(value).every(
    ([key, held]) =>
      key === 'type' || held === null || held === '' || (Array.isArray(held) && held.length === 0),
  );
}
