import { z } from 'zod';
import { BadRequest, type Request } from '../requests/request.ts';
import { analyzeIncident } from './analyze-incident.ts';
import { type IncidentAnswer, incidentInput } from './incident-input.ts';

/** `warroom analyze incident`. @throws BadRequest */
export function answerIncident(request: Request): Omit<IncidentAnswer, 'id'> {
  const read = incidentInput.safeParse(request);
  if (!read.success) throw new BadRequest(z.prettifyError(read.error).split('\n').slice(0, 6).join(' '));
  const { ranking, onset, outcome } = analyzeIncident(read.data);
  return {
    // Digits beyond these mean nothing.
    ranking: ranking.map((one) => ({ ...one, score: Number(one.score.toPrecision(6)) })),
    onset,
    outcome,
  };
}
