import type { FlowActions } from './flow-actions.ts';

/** What a person asked for changes cards: the deliverer looks at once instead of at its next poll. */
export function pokeAfter(actions: FlowActions, poke: () => void): FlowActions {
  const after = <Result>(acting: Promise<Result>): Promise<Result> => acting.finally(poke);
  return {
    decide: (click) => after(actions.decide(click)),
    stop: (button) => after(actions.stop(button)),
    undo: (button) => after(actions.undo(button)),
    renew: (button) => after(actions.renew(button)),
    ask: (button) => after(actions.ask(button)),
    steer: (message) => after(actions.steer(message)),
    propose: (request) => after(actions.propose(request)),
    halt: (request) => after(actions.halt(request)),
    lift: (request) => after(actions.lift(request)),
    delegate: (request) => after(actions.delegate(request)),
    revoke: (userId) => after(actions.revoke(userId)),
    declare: (request) => after(actions.declare(request)),
    resolve: (request) => after(actions.resolve(request)),
    context: (request) => actions.context(request),
    similar: (request) => actions.similar(request),
    status: (incidentId) => actions.status(incidentId),
  };
}
