import { svg } from './dom.js';

const LINES = {
  hash: ['M9 4L7 20', 'M17 4l-2 16', 'M4.500 9h16', 'M3.500 15h16'],
  lock: ['M7 11V8a5 5 0 0 1 10 0v3', 'M5.500 11h13v9h-13z'],
  home: ['M4 11l8-7 8 7', 'M6 10v10h12V10'],
  pin: ['M9 3h6l-1 7 3 3v2H7v-2l3-3z', 'M12 15v6'],
  bookmark: ['M7 4h10v16l-5-4-5 4z'],
  people: [
    'M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z',
    'M2.500 20a6.500 6.500 0 0 1 13 0',
    'M16 4.500a3.500 3.500 0 0 1 0 6',
    'M18 14a6 6 0 0 1 3.500 6',
  ],
  thread: ['M4 5h16v11H9l-5 4z', 'M8 9h8', 'M8 12h5'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  back: ['M15 5l-7 7 7 7'],
  chevron: ['M6 9l6 6 6-6'],
  send: ['M4 12l16-8-5 16-3.500-6.500z', 'M11.500 13.500L20 4'],
  eye: ['M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12z', 'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z'],
  link: [
    'M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.600-5.600L12 7.300',
    'M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.600 5.600L12 16.700',
  ],
  smile: [
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
    'M8.500 14.500a4.500 4.500 0 0 0 7 0',
    'M9 9.500v.5',
    'M15 9.500v.5',
  ],
  file: ['M6 3h8l5 5v13H6z', 'M14 3v5h5'],
  more: ['M5 12h.01', 'M12 12h.01', 'M19 12h.01'],
  menu: ['M4 7h16', 'M4 12h16', 'M4 17h16'],
  bolt: ['M13 3L5 14h6l-1 7 8-11h-6z'],
  check: ['M5 12.500l4.500 4.500L19 7.500'],
};

/** A line icon in the colour of the text around it. */
export function icon(name, className = '') {
  return svg(
    '0 0 24 24',
    LINES[name].map((d) => ['path', { d }]),
    { class: `icon ${className}`, 'aria-hidden': 'true' },
  );
}
