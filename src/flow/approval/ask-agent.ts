import type { Answer, PlanButton } from '../../domain/approval.ts';
import type { Question } from '../../domain/question.ts';
import { newId } from '../../platform/ids.ts';
import type { Rows } from '../../ports/record.ts';
import type { FlowContext } from '../context.ts';
import { findMember } from '../incident/people.ts';
import { planKey } from '../incident/show.ts';

/** A channel is not a chat: who needs more than this asks the people in it. */
const mostQuestions = 10;

/** *Ask*: the question is a row and a message before anybody answers, so that no crash loses it. */
export async function askAgent(
  flow: FlowContext,
  button: PlanButton & { readonly text: string },
): Promise<Answer> {
  const member = await findMember(flow, button.userId);
  if ('refused' in member) return member.refused;
  const id = newId();
  const answer = await flow.record.transaction(async (rows): Promise<Answer> => {
    const plan = await rows.plans.get(button.planId);
    if (plan === undefined || plan.digest !== button.digest || plan.nonce !== button.nonce) {
      return { accepted: false, refusal: 'changed', approvers: [] };
    }
    await rows.incidents.lock(plan.incidentId);
    const asked = (await rows.questions.ofIncident(plan.incidentId)).filter((one) => one.planId === plan.id);
    if (asked.length >= mostQuestions) {
      return {
        accepted: false,
        refusal: null,
        reason: `${mostQuestions} questions were asked about it already.`,
      };
    }
    const question: Question = {
      id,
      incidentId: plan.incidentId,
      planId: plan.id,
      userId: button.userId,
      text: button.text,
      answer: null,
      evidence: [],
      at: await rows.now(),
      answeredAt: null,
    };
    await rows.questions.insert(question);
    await rows.timeline.append(plan.incidentId, {
      kind: 'plan.asked',
      actor: `user:${button.userId}`,
      text: `${member.person.name} asks: ${button.text}`,
      data: { planId: plan.id, digest: plan.digest, questionId: id },
    });
    await showInThread(rows, question, 'asked', `Question: ${button.text}`, button.userId);
    return { accepted: true, note: null };
  });
  if (answer.accepted) {
    try {
      await flow.queue.answer(id);
    } catch (error) {
      flow.log.warn({ questionId: id, err: error }, 'work could not be put; reconcile will put it again');
    }
  }
  return answer;
}

/** The job: an answer in the plan's thread, once. */
export async function answerQuestion(
  flow: FlowContext,
  questionId: string,
  signal: AbortSignal,
): Promise<void> {
  const question = await flow.record.questions.get(questionId);
  if (question === undefined || question.answer !== null) return;
  const plan = await flow.record.plans.get(question.planId);
  if (plan === undefined) return;
  const evidence = await flow.record.evidence.ofIncident(question.incidentId);
  const said = await flow.answerer.answer(question.text, plan, evidence, signal);
  await flow.record.transaction(async (rows) => {
    await rows.incidents.lock(question.incidentId);
    if (!(await rows.questions.answer(question.id, said.text, said.evidence))) return;
    await rows.timeline.append(question.incidentId, {
      kind: 'plan.answered',
      actor: `agent:${plan.body.service}`,
      text: said.text,
      data: { planId: plan.id, digest: plan.digest, questionId, evidence: said.evidence },
    });
    await showInThread(rows, question, 'answered', said.text);
  });
}

async function showInThread(
  rows: Rows,
  question: Question,
  what: 'asked' | 'answered',
  text: string,
  by?: string,
): Promise<void> {
  await rows.outbox.put(question.incidentId, `question:${question.id}:${what}`, {
    type: 'message',
    thread: planKey(question.planId),
    view: { view: 'notice', tone: 'info', text, ...(by === undefined ? {} : { by }) },
  });
}
