/** Log records for a collector: opentelemetry.proto.collector.logs.v1.LogsService/Export. */
import type { LogFields, LogValue } from '../proxy-config/index.ts';

/** One exchange or connection that ended, as its log was told to write it. */
export interface OtlpLogRecord {
  /** ms since 1970, of its start. */
  readonly time: number;
  readonly body: LogValue | undefined;
  readonly attributes: LogFields;
  /** 32 and 16 digits of lower-case hex; '': it is not traced. */
  readonly traceId: string;
  readonly spanId: string;
}
