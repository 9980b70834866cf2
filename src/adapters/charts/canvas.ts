import { createRequire } from 'node:module';
import { type Canvas, createCanvas, GlobalFonts } from '@napi-rs/canvas';
import { WarroomError } from '../../platform/errors.ts';
import { type Font, fontFamily, fontOf, height, monoFamily, width } from './style.ts';

export class FontsMissing extends WarroomError {
  readonly code = 'fonts_missing';
}

const fonts = [
  ['DejaVuSans.ttf', fontFamily],
  ['DejaVuSans-Bold.ttf', fontFamily],
  ['DejaVuSansMono.ttf', monoFamily],
] as const;

let ready = false;

/** A picture to draw on. The fonts are our own, under names that no machine has, so that every machine draws the same. */
export function openCanvas(): Canvas {
  if (!ready) {
    const require = createRequire(import.meta.url);
    for (const [file, family] of fonts) {
      if (GlobalFonts.registerFromPath(require.resolve(`dejavu-fonts-ttf/ttf/${file}`), family) === null) {
        throw new FontsMissing(`The font ${file} cannot be read.`, 'Run npm ci again.');
      }
    }
    ready = true;
  }
  return createCanvas(width, height);
}

export function measureOn(canvas: Canvas): (text: string, font: Font) => number {
  const context = canvas.getContext('2d');
  return (text, font) => {
    context.font = fontOf(font);
    return context.measureText(text).width;
  };
}
