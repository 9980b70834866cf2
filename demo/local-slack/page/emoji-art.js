const disc = (fill, ring) => [['circle', { cx: 10, cy: 10, r: 7.5, fill, stroke: ring, 'stroke-width': 1 }]];
const stroke = (color, d, width = 2) => [
  'path',
  {
    d,
    fill: 'none',
    stroke: color,
    'stroke-width': width,
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
  },
];
const fill = (color, d) => ['path', { d, fill: color }];

/** The emoji that incidents use most, drawn here so that cards look the same where no emoji font is installed. */
export const ART = {
  red_circle: { character: '🔴', shapes: disc('#e01e3c', '#b3142d') },
  large_orange_circle: { character: '🟠', shapes: disc('#f2811d', '#cc6510') },
  large_yellow_circle: { character: '🟡', shapes: disc('#f5c52b', '#d19f10') },
  large_green_circle: { character: '🟢', shapes: disc('#2eaa5c', '#1f8546') },
  large_blue_circle: { character: '🔵', shapes: disc('#2f80ed', '#1f63bf') },
  large_purple_circle: { character: '🟣', shapes: disc('#8e5bd0', '#6d3fb0') },
  white_circle: { character: '⚪', shapes: disc('#eef0f3', '#b9bec7') },
  black_circle: { character: '⚫', shapes: disc('#3a3d44', '#24262b') },
  white_check_mark: {
    character: '✅',
    shapes: [
      ['rect', { x: 2.5, y: 2.5, width: 15, height: 15, rx: 3, fill: '#2eaa5c' }],
      stroke('#fff', 'M6 10.500l2.800 2.800L14 7.500', 2.2),
    ],
  },
  x: { character: '❌', shapes: [stroke('#e01e3c', 'M5 5l10 10M15 5L5 15', 3.4)] },
  warning: {
    character: '⚠️',
    shapes: [
      fill('#f5c52b', 'M10 2.500l8 14.500H2z'),
      stroke('#3a3d44', 'M10 8v4', 1.8),
      ['circle', { cx: 10, cy: 14.6, r: 1.1, fill: '#3a3d44' }],
    ],
  },
  rotating_light: {
    character: '🚨',
    shapes: [
      fill('#e01e3c', 'M5.500 14V10a4.500 4.500 0 0 1 9 0v4z'),
      ['rect', { x: 3.5, y: 14, width: 13, height: 3.5, rx: 1, fill: '#5d6370' }],
      stroke('#f2811d', 'M10 1.500v2M3.500 4.500L5 6M16.500 4.500L15 6', 1.5),
      stroke('#ffb3bf', 'M8.200 12v-2', 1.3),
    ],
  },
  mag: {
    character: '🔍',
    shapes: [
      ['circle', { cx: 8.5, cy: 8.5, r: 5, fill: '#dcebfb', stroke: '#4a6785', 'stroke-width': 2 }],
      stroke('#7a5232', 'M12.500 12.500l4.500 4.500', 3),
    ],
  },
  hourglass_flowing_sand: {
    character: '⏳',
    shapes: [
      stroke('#8a6a3a', 'M5 2.500h10M5 17.500h10', 2),
      fill(
        '#f3e3b5',
        'M6 3.500h8c0 4-3 4.500-3 6.500s3 2.500 3 6.500H6c0-4 3-4.500 3-6.500S6 7.500 6 3.500z',
      ),
      fill('#d9a52b', 'M7.500 16.500c0-2 2.500-2.500 2.500-4 0 1.500 2.500 2 2.500 4z'),
    ],
  },
  rocket: {
    character: '🚀',
    shapes: [
      fill('#c9ced8', 'M17.500 2.500c-5 0-8 2.500-10 7l3 3c4.500-2 7-5 7-10z'),
      fill('#e01e3c', 'M7.500 9l-3.500.5-1 3 3-.5zM11 12.500l-.5 3.500-3 1 .5-3z'),
      ['circle', { cx: 13, cy: 7, r: 1.6, fill: '#2f80ed' }],
      fill('#f2811d', 'M5.500 13c-2 .5-2.500 2-2.500 4 2 0 3.500-.5 4-2.500z'),
    ],
  },
  fire: {
    character: '🔥',
    shapes: [
      fill(
        '#f2811d',
        'M10 1.500c1 3 5.500 5 5.500 10a5.500 5.500 0 0 1-11 0c0-2 1-3.500 2-4.500 0 1.500.5 2.500 1.500 3C8 7 8.500 4 10 1.500z',
      ),
      fill(
        '#f5c52b',
        'M10 10c.5 1.500 2.500 2 2.500 4.200a2.500 2.500 0 0 1-5 0C7.500 12.500 9.500 12 10 10z',
      ),
    ],
  },
  eyes: {
    character: '👀',
    shapes: [
      ['ellipse', { cx: 6, cy: 10, rx: 3.6, ry: 5, fill: '#fff', stroke: '#5d6370' }],
      ['ellipse', { cx: 14, cy: 10, rx: 3.6, ry: 5, fill: '#fff', stroke: '#5d6370' }],
      ['circle', { cx: 4.8, cy: 10.5, r: 1.7, fill: '#24262b' }],
      ['circle', { cx: 12.8, cy: 10.5, r: 1.7, fill: '#24262b' }],
    ],
  },
  bulb: {
    character: '💡',
    shapes: [
      fill(
        '#f5c52b',
        'M10 2a5.500 5.500 0 0 1 3 10c-.6.5-.8 1-.8 2H7.800c0-1-.2-1.500-.8-2A5.500 5.500 0 0 1 10 2z',
      ),
      fill('#8a909c', 'M7.800 14.700h4.400v1.500H7.800zM8.500 16.900h3v1.200h-3z'),
    ],
  },
  memo: {
    character: '📝',
    shapes: [
      fill('#fff', 'M3.500 2.500h10v15h-10z'),
      stroke('#9aa1ad', 'M3.500 2.500h10v15h-10z', 1),
      stroke('#9aa1ad', 'M5.500 6h6M5.500 9h6M5.500 12h3', 1.2),
      stroke('#f2811d', 'M16.500 6.500l-6 8', 2.4),
    ],
  },
  wrench: {
    character: '🔧',
    shapes: [
      stroke('#6f7785', 'M5 15.500l6.500-6.500', 3.2),
      fill('#6f7785', 'M16.800 5.200l-2.600 2.600-2-2L14.800 3.200a4.300 4.300 0 1 0 2 2z'),
    ],
  },
  hammer_and_wrench: {
    character: '🛠️',
    shapes: [
      stroke('#8a5a2b', 'M4 16l8-8', 2.6),
      fill('#6f7785', 'M9.500 4.500l6 6 2.500-2.500-2-1-3-3z'),
      stroke('#9aa1ad', 'M5 5l10 10', 2.2),
    ],
  },
  link: {
    character: '🔗',
    shapes: [
      stroke('#6f7785', 'M8.500 11.500a3 3 0 0 0 4.500.2l2.500-2.500a3 3 0 0 0-4.300-4.300L10 6', 2),
      stroke('#6f7785', 'M11.500 8.500a3 3 0 0 0-4.500-.2l-2.500 2.500a3 3 0 0 0 4.300 4.300L10 14', 2),
    ],
  },
  lock: {
    character: '🔒',
    shapes: [
      stroke('#8a909c', 'M6.500 9V6.500a3.500 3.500 0 0 1 7 0V9', 2),
      ['rect', { x: 4, y: 9, width: 12, height: 8.5, rx: 1.5, fill: '#f0b429' }],
      ['circle', { cx: 10, cy: 13, r: 1.4, fill: '#7a5a10' }],
    ],
  },
  robot_face: {
    character: '🤖',
    shapes: [
      ['rect', { x: 3, y: 6, width: 14, height: 11, rx: 2.5, fill: '#9fb2c8' }],
      ['circle', { cx: 7, cy: 11, r: 1.8, fill: '#fff' }],
      ['circle', { cx: 13, cy: 11, r: 1.8, fill: '#fff' }],
      stroke('#5b6f86', 'M7 14.700h6', 1.4),
      stroke('#5b6f86', 'M10 6V3', 1.4),
      ['circle', { cx: 10, cy: 2.6, r: 1.3, fill: '#e01e3c' }],
    ],
  },
  bar_chart: {
    character: '📊',
    shapes: [
      ['rect', { x: 2, y: 2, width: 16, height: 16, rx: 2, fill: '#eef2f7', stroke: '#b9c2cf' }],
      fill('#2eaa5c', 'M4.500 10h2.800v6H4.500z'),
      fill('#2f80ed', 'M8.600 5h2.800v11H8.600z'),
      fill('#e01e3c', 'M12.700 8h2.800v8h-2.800z'),
    ],
  },
  chart_with_upwards_trend: {
    character: '📈',
    shapes: [
      ['rect', { x: 2, y: 2, width: 16, height: 16, rx: 2, fill: '#eef2f7', stroke: '#b9c2cf' }],
      stroke('#e01e3c', 'M4.500 14l4-4 2.500 2 4.500-6', 1.8),
    ],
  },
  chart_with_downwards_trend: {
    character: '📉',
    shapes: [
      ['rect', { x: 2, y: 2, width: 16, height: 16, rx: 2, fill: '#eef2f7', stroke: '#b9c2cf' }],
      stroke('#2f80ed', 'M4.500 6l4 4 2.500-2 4.500 6', 1.8),
    ],
  },
  bell: {
    character: '🔔',
    shapes: [
      fill(
        '#f0b429',
        'M10 2.500a5 5 0 0 1 5 5c0 4 1.500 5.500 2 6.500H3c.5-1 2-2.500 2-6.500a5 5 0 0 1 5-5z',
      ),
      ['circle', { cx: 10, cy: 15.8, r: 1.8, fill: '#b98310' }],
    ],
  },
  no_entry: {
    character: '⛔',
    shapes: [
      ...disc('#e01e3c', '#b3142d'),
      ['rect', { x: 5.5, y: 8.6, width: 9, height: 2.8, rx: 0.6, fill: '#fff' }],
    ],
  },
  information_source: {
    character: 'ℹ️',
    shapes: [
      ['rect', { x: 2.5, y: 2.5, width: 15, height: 15, rx: 3, fill: '#2f80ed' }],
      ['circle', { cx: 10, cy: 6.3, r: 1.2, fill: '#fff' }],
      stroke('#fff', 'M10 9.500v5', 2),
    ],
  },
  clock: {
    character: '🕐',
    shapes: [...disc('#fff', '#5d6370'), stroke('#24262b', 'M10 5.500V10l3 2', 1.6)],
  },
  busts_in_silhouette: {
    character: '👥',
    shapes: [
      ['circle', { cx: 7, cy: 7, r: 3, fill: '#5b6f86' }],
      fill('#5b6f86', 'M1.500 16.500a5.500 5.500 0 0 1 11 0z'),
      ['circle', { cx: 14, cy: 8, r: 2.5, fill: '#8fa1b6' }],
      fill('#8fa1b6', 'M13.500 16.500a6 6 0 0 0-1.500-4 4.500 4.500 0 0 1 6.500 4z'),
    ],
  },
  '+1': {
    character: '👍',
    shapes: [
      fill(
        '#f5c52b',
        'M7.500 9L10 3.200c.3-.7 2-.6 2.200 1 .1 1-.4 2.800-.6 3.800h3.900c1.300 0 1.800 1 1.500 2l-1.400 5.200c-.2.800-.9 1.300-1.700 1.300H7.500z',
      ),
      ['rect', { x: 3, y: 9, width: 3.5, height: 7.6, rx: 0.8, fill: '#4a6785' }],
    ],
  },
  arrow_right: {
    character: '➡️',
    shapes: [
      ['rect', { x: 2.5, y: 2.5, width: 15, height: 15, rx: 3, fill: '#5b8fd6' }],
      stroke('#fff', 'M6 10h7.500M10.500 6.500L14 10l-3.500 3.500', 2),
    ],
  },
  rewind_arrow: {
    character: '↩️',
    shapes: [
      ['rect', { x: 2.5, y: 2.5, width: 15, height: 15, rx: 3, fill: '#5b8fd6' }],
      stroke('#fff', 'M8.500 6L5.500 9l3 3M5.500 9h5.500a3 3 0 0 1 0 6H9', 1.8),
    ],
  },
  gear: {
    character: '⚙️',
    shapes: [
      ['circle', { cx: 10, cy: 10, r: 5, fill: 'none', stroke: '#6f7785', 'stroke-width': 3 }],
      stroke(
        '#6f7785',
        'M10 2v2.500M10 15.500V18M2 10h2.500M15.500 10H18M4.300 4.300l1.800 1.800M13.900 13.900l1.800 1.800M15.700 4.300l-1.800 1.800M6.100 13.900l-1.800 1.800',
        2.2,
      ),
    ],
  },
  pushpin: {
    character: '📌',
    shapes: [
      fill('#e01e3c', 'M7 2.500h6l-.8 6L15 11v1.500H5V11l2.800-2.500z'),
      stroke('#6f7785', 'M10 12.500V18', 1.6),
    ],
  },
  book: {
    character: '📖',
    shapes: [
      fill('#eef2f7', 'M2 4.500c3-1 6-.5 8 1 2-1.500 5-2 8-1V16c-3-1-6-.5-8 1-2-1.500-5-2-8-1z'),
      stroke(
        '#5b8fd6',
        'M2 4.500c3-1 6-.5 8 1 2-1.500 5-2 8-1V16c-3-1-6-.5-8 1-2-1.500-5-2-8-1zM10 5.500V17',
        1.2,
      ),
    ],
  },
  tada: {
    character: '🎉',
    shapes: [
      fill('#f0b429', 'M3 17.500L7.500 7l5.500 5.500z'),
      stroke('#e01e3c', 'M10 7c1-1 1-2.500.5-4', 1.6),
      stroke('#2f80ed', 'M13 10c1-1 2.500-1 4-.5', 1.6),
      stroke('#2eaa5c', 'M12 8l4-4', 1.6),
    ],
  },
  octagonal_sign: {
    character: '🛑',
    shapes: [
      fill('#e01e3c', 'M6.700 2h6.600L18 6.700v6.600L13.300 18H6.700L2 13.300V6.700z'),
      stroke('#fff', 'M6 10h8', 2.6),
    ],
  },
  stopwatch: {
    character: '⏱️',
    shapes: [
      ['circle', { cx: 10, cy: 11.3, r: 6.4, fill: '#eef0f3', stroke: '#6f7785', 'stroke-width': 1.6 }],
      stroke('#6f7785', 'M8.500 2.500h3M10 2.500v2.200M15 5.500l1.200-1.200', 1.6),
      stroke('#e01e3c', 'M10 11.500l2.400-2.800', 1.6),
    ],
  },
  speech_balloon: {
    character: '💬',
    shapes: [
      fill(
        '#8fb7e8',
        'M4.500 3.500h11a2.500 2.500 0 0 1 2.500 2.500v5.500a2.500 2.500 0 0 1 -2.500 2.500H9l-4 3.500v-3.500h-.500A2.500 2.500 0 0 1 2 11.500V6a2.500 2.500 0 0 1 2.500 -2.500z',
      ),
      ...[6.6, 10, 13.4].map((cx) => ['circle', { cx, cy: 8.8, r: 1.15, fill: '#fff' }]),
    ],
  },
  grey_question: {
    character: '❔',
    shapes: [
      stroke(
        '#8b93a1',
        'M6.500 7.200C6.500 4.800 8 3.500 10 3.500s3.600 1.300 3.600 3.400c0 2.600-3.600 2.800-3.600 5.400',
        2.4,
      ),
      ['circle', { cx: 10, cy: 16, r: 1.5, fill: '#8b93a1' }],
    ],
  },
};
