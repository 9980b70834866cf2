/** BullMQ queue names. Stages are short or sleep between readings, so many run side by side; agents work, so few do. Neither may starve the other. */
export const stageQueue = 'stages';
export const agentQueue = 'agents';
