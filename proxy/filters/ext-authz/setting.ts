/** What is known before any request comes: of the filter, and of whom it asks. */
import type { AuthzBody, ExtAuthzFilter as Row } from '@weft/core/proxy-config';
import type { Counter } from '../../ports.ts';
import type { HeaderChoice } from '../header-choice.ts';
import type { AuthzClient } from './verdict.ts';

/** Counters by Envoy's names. */
export type AuthzStat =
  | 'ok'
  | 'denied'
  | 'error'
  | 'disabled'
  | 'failure_mode_allowed'
  | 'invalid'
  | 'ignored_dynamic_metadata';

/** What exchanges of one filter share. */
export interface AuthzSetting {
  readonly row: Row;
  readonly body: AuthzBody | undefined;
  readonly client: AuthzClient;
  readonly headers: HeaderChoice;
  readonly context: readonly (readonly [string, string])[];
  readonly stats: Readonly<Record<AuthzStat, Counter>>;
}
