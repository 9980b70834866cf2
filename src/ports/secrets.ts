import type { SecretRef } from '../domain/service.ts';

/**
 * Credentials by their place, read at the moment of use. What is returned must not be kept, logged or put into a receipt.
 * Throws `SecretMissing` (not retryable) with the name of the place, never with a value.
 */
export interface Secrets {
  read(ref: SecretRef): Promise<string>;
}
