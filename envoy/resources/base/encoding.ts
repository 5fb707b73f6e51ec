/** What encoders share: findings about what the client cannot be told, and fields that stand there only when they say something. */
import type { Diagnostic, Severity } from '@weft/core/kernel';
import { checkConstraints, Path, Report } from '../../codec/index.ts';
import type { ClientProfile } from '../../profile/index.ts';
import type { MessageName, Messages } from '../../tables/index.ts';

/** A message for one client, and what the client cannot be told. An error means that the message must not be sent. */
export interface Encoded<Message> {
  readonly message: Message;
  readonly diagnostics: readonly Diagnostic[];
}

export class Encoding {
  readonly profile: ClientProfile;
  readonly #report: Report;

  constructor(profile: ClientProfile, base: string) {
    this.profile = profile;
    this.#report = new Report(base);
  }

  /** `path` is one of ProxyConfig, e.g. `circuitBreakers.default.maxConnections`. */
  cannotSay(path: string, message: string, severity: Severity = 'warning', remedy?: string): void {
    this.#report.fault(Path.ROOT.field(path), 'inexpressible', message, remedy, severity);
  }

  /** Reports what Envoy's own limits would refuse, by the message's field names: better said here than as a NACK. */
  check<Name extends MessageName>(name: Name, message: Messages[Name]): Messages[Name] {
    checkConstraints(name, message, Path.ROOT, this.#report);
    return message;
  }

  diagnostics(): Diagnostic[] {
    return this.#report.diagnostics();
  }
}

/** `value` when it differs from what holds without it. */
export const unless = <T>(value: T, standard: T): T | undefined => (value === standard ? undefined : value);

/** `list` when it has entries. */
export const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

/** `message` when any of its fields is set. */
export const filled = <T extends object>(message: T): T | undefined =>
  Object.values(message).some((value) => value !== undefined) ? message : undefined;
