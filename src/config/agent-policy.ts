import { z } from 'zod';

/** What one agent, or all agents of an incident together, may use up. */
const limitsSchema = (defaults: { turns: number; tokens: number; dollars: number; minutes: number }) =>
  z
    .strictObject({
      /** Answers of a model. */
      turns: z.number().int().positive().default(defaults.turns),
      /** All input of all turns (fresh and cached, the loaded context each time it is sent) plus all output. */
      tokens: z.number().int().positive().default(defaults.tokens),
      /** US, by the price table; at its dearest price for a model that it does not know. */
      dollars: z.number().positive().default(defaults.dollars),
      /** Of work, over all workers that took part. */
      minutes: z.number().positive().default(defaults.minutes),
    })
    .default(defaults);

/** A model's name as the API takes it. */
const modelName = z.string().regex(/^[a-z0-9][a-z0-9._@:/-]{0,99}$/i, 'must be the name of a model');

export const agentPolicySchema = z.strictObject({
  perAgent: limitsSchema({ turns: 16, tokens: 4_000_000, dollars: 4, minutes: 6 }),
  perIncident: limitsSchema({ turns: 64, tokens: 16_000_000, dollars: 12, minutes: 24 }),
  /** A model for a task; `CLAUDE_MODEL` does what is not named. */
  models: z
    .strictObject({
      /** A suspect's resident engineer. */
      investigate: modelName.optional(),
      /** What people ask about a plan. */
      answer: modelName.optional(),
    })
    .default({}),
  /** US dollars a million tokens, for models that the table does not know or knows wrongly. */
  prices: z
    .record(modelName, z.strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative() }))
    .default({}),
});

export type AgentPolicy = z.infer<typeof agentPolicySchema>;
export type AgentLimits = AgentPolicy['perAgent'];

export const defaultAgentPolicy: AgentPolicy = agentPolicySchema.parse({});
