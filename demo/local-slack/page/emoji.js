import { h, svg } from './dom.js';
import { ART } from './emoji-art.js';

const TEXT = {
  '+1': '👍',
  '-1': '👎',
  thumbsup: '👍',
  thumbsdown: '👎',
  tada: '🎉',
  wave: '👋',
  pray: '🙏',
  clap: '👏',
  muscle: '💪',
  smile: '😄',
  smiley: '😃',
  slightly_smiling_face: '🙂',
  thinking_face: '🤔',
  sweat_smile: '😅',
  sob: '😭',
  grimacing: '😬',
  heart: '❤️',
  star: '⭐',
  sparkles: '✨',
  zap: '⚡',
  boom: '💥',
  bug: '🐛',
  ghost: '👻',
  skull: '💀',
  bomb: '💣',
  robot_face: '🤖',
  construction_worker: '👷',
  detective: '🕵️',
  female_doctor: '👩‍⚕️',
  ambulance: '🚑',
  fire_engine: '🚒',
  siren: '🚨',
  loudspeaker: '📢',
  mega: '📣',
  speech_balloon: '💬',
  thought_balloon: '💭',
  books: '📚',
  book: '📖',
  page_facing_up: '📄',
  scroll: '📜',
  clipboard: '📋',
  pushpin: '📌',
  round_pushpin: '📍',
  paperclip: '📎',
  scissors: '✂️',
  package: '📦',
  truck: '🚚',
  shield: '🛡️',
  key: '🔑',
  unlock: '🔓',
  microscope: '🔬',
  telescope: '🔭',
  test_tube: '🧪',
  stethoscope: '🩺',
  satellite: '🛰️',
  globe_with_meridians: '🌐',
  cloud: '☁️',
  database: '🗄️',
  floppy_disk: '💾',
  computer: '💻',
  desktop_computer: '🖥️',
  electric_plug: '🔌',
  battery: '🔋',
  money_with_wings: '💸',
  credit_card: '💳',
  shopping_trolley: '🛒',
  calendar: '📅',
  date: '📅',
  alarm_clock: '⏰',
  timer_clock: '⏲️',
  hourglass: '⌛',
  arrow_up: '⬆️',
  arrow_down: '⬇️',
  arrow_left: '⬅️',
  arrow_upper_right: '↗️',
  arrow_lower_right: '↘️',
  repeat: '🔁',
  arrows_counterclockwise: '🔄',
  rewind: '⏪',
  leftwards_arrow_with_hook: '↩️',
  one: '1️⃣',
  two: '2️⃣',
  three: '3️⃣',
  question: '❓',
  exclamation: '❗',
  bangbang: '‼️',
  100: '💯',
  medical_symbol: '⚕️',
  crossed_fingers: '🤞',
  ok_hand: '👌',
  point_right: '👉',
  raised_hand: '✋',
  see_no_evil: '🙈',
  trophy: '🏆',
  dart: '🎯',
  compass: '🧭',
  world_map: '🗺️',
  label: '🏷️',
};

const ALIASES = {
  red_circle: 'red_circle',
  large_red_circle: 'red_circle',
  large_green_circle: 'large_green_circle',
  green_circle: 'large_green_circle',
  large_yellow_circle: 'large_yellow_circle',
  yellow_circle: 'large_yellow_circle',
  large_orange_circle: 'large_orange_circle',
  orange_circle: 'large_orange_circle',
  large_blue_circle: 'large_blue_circle',
  blue_circle: 'large_blue_circle',
  large_purple_circle: 'large_purple_circle',
  white_medium_square: 'white_circle',
  heavy_check_mark: 'white_check_mark',
  ballot_box_with_check: 'white_check_mark',
  negative_squared_cross_mark: 'x',
  siren: 'rotating_light',
  mag_right: 'mag',
  hourglass: 'hourglass_flowing_sand',
  memo: 'memo',
  pencil: 'memo',
  no_entry_sign: 'no_entry',
  chart: 'chart_with_upwards_trend',
  robot: 'robot_face',
};

const BY_CHARACTER = new Map([
  ...Object.entries(TEXT).map(([name, character]) => [bare(character), name]),
  ...Object.entries(ART).map(([name, art]) => [bare(art.character), name]),
]);

const PICTOGRAPH =
  /\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*/gu;

function bare(character) {
  return character.replaceAll('\uFE0F', '');
}

/** A drawn emoji when we have one (the same on every machine), else the character, else the shortcode as written. */
export function emoji(shortcode) {
  const name = ALIASES[shortcode] ?? shortcode;
  const art = ART[name];
  if (art) return svg('0 0 20 20', art.shapes, { class: 'emoji', role: 'img', 'aria-label': shortcode });
  const character = TEXT[name];
  if (character) return h('span', { class: 'emoji-text', role: 'img', 'aria-label': shortcode }, character);
  return `:${shortcode}:`;
}

/** Replaces emoji characters that we can draw; leaves all other text as it is. */
export function withDrawnEmoji(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(PICTOGRAPH)) {
    const name = BY_CHARACTER.get(bare(match[0]));
    if (!name || !ART[ALIASES[name] ?? name]) continue;
    nodes.push(text.slice(from, match.index), emoji(name));
    from = match.index + match[0].length;
  }
  nodes.push(text.slice(from));
  return nodes;
}
