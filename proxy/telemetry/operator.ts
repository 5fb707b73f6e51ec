/** What a command operator makes of a record. */
import type { ExchangeRecord } from '../ports.ts';

/** A JSON text that is complete in itself: printed as it stands, in JSON as a value. */
export class WrittenJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Undefined prints as `-`, in JSON as null. */
export type OperatorValue = string | number | WrittenJson | undefined;
export type Operator = (record: ExchangeRecord) => OperatorValue;

/** envoy.data.accesslog.v3.AccessLogType */
export function logTypeOf({ kind, early }: ExchangeRecord): string {
  if (kind === 'http') return 'DownstreamEnd';
  return early === undefined ? 'TcpConnectionEnd' : early === 'connected' ? 'TcpUpstreamConnected' : 'TcpPeriodic';
}
