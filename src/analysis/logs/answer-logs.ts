import { type Request, readTexts } from '../requests/request.ts';
import { TemplateMiner } from './template-miner.ts';

export interface LogsAnswer {
  readonly templates: readonly { readonly id: number; readonly text: string; readonly count: number }[];
  /** Template id of each line. */
  readonly assignment: readonly number[];
}

/** `{lines[]}`. @throws BadRequest */
export function answerLogs(request: Request): LogsAnswer {
  const lines = readTexts(request, 'lines');
  // The request is held whole as it is, so that no template of it has to be forgotten.
  const miner = new TemplateMiner(Math.max(5000, lines.length));
  const assignment = lines.map((line) => miner.add(line)).map((id) => miner.resolve(id));
  return { templates: miner.templates(), assignment };
}
