import { type Request, readTexts } from '../requests/request.ts';
import { TemplateMiner } from './template-miner.ts';

export interface LogsAnswer {
  readonly templates: readonly { readonly id: number; readonly text: string; readonly count: number }[];
  /** Template id of each line. */
  readonly assignment: readonly number[];
}

/** `{lines[]}`. @throws BadRequest */
export function answerLogs(request: Request): LogsAnswer {
  const miner = new TemplateMiner();
  const assignment = readTexts(request, 'lines').map((line) => miner.add(line));
  return { templates: miner.templates(), assignment };
}
