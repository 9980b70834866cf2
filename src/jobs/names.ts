/** BullMQ queue names. Stages are short or wait; agents are long: neither may starve the other. */
export const stageQueue = 'stages';
export const agentQueue = 'agents';
