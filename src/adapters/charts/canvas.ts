import path from 'node:path';
import { fileURLToPath } from 'node:url';
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
    const folder = path.dirname(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/package.json')));
    for (const [file, family] of fonts) {
      if (GlobalFonts.registerFromPath(path.join(folder, 'ttf', file), family) === null) {
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
