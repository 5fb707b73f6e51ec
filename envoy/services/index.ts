/**
 * The messages of the services that filters ask (envoy.service.*), between octets and the records of core/services. Messages of a service are
 * read leniently: a service may be newer than these tables.
 */
import type { ServiceMessages } from '@weft/core/services';
import { encodeLogEntry, encodeLogMessage } from './access-log.ts';
import { encodeCheckRequest, readCheckVerdict } from './authorization.ts';
import { encodeLogRecord, encodeLogs, readRejectedLogs } from './otlp-log.ts';
import { encodeProcessingRequest, readProcessingVerdict } from './processing.ts';
import { encodeSpans, readRejectedSpans } from './tracing.ts';
import { encodeRateLimitRequest, readRateLimitVerdict } from './rate-limit.ts';

export { encodeMetrics, readRejectedPoints } from './otlp-metrics.ts';
export { readSpans } from './tracing.ts';
export { type LogMessage, readLogMessage } from './read-access-log.ts';

export const serviceMessages: ServiceMessages = {
  checkRequest: encodeCheckRequest,
  checkVerdict: readCheckVerdict,
  processingRequest: encodeProcessingRequest,
  processingVerdict: readProcessingVerdict,
  rateLimitRequest: encodeRateLimitRequest,
  rateLimitVerdict: readRateLimitVerdict,
  accessLogEntry: encodeLogEntry,
  accessLogMessage: encodeLogMessage,
  logRecord: encodeLogRecord,
  exportLogs: encodeLogs,
  rejectedLogs: readRejectedLogs,
  exportSpans: encodeSpans,
  rejectedSpans: readRejectedSpans,
};
