/** Which answers count as failed (Linkerd: responseClasses; Envoy: HttpProtocolOptions.outlier_detection.error_matcher). */
import { GRPC_CODES } from '../../kernel/index.ts';
import { array, integer, object, oneOf, optional, required, boolean } from '../schema/schema.ts';

const STATUS = integer(100, 599);

const statuses = object(
  {
    min: required(STATUS, 'The least status.'),
    max: required(STATUS, 'The greatest one, included.'),
  },
  ({ min, max }, report) => {
    if (max < min) report(['max'], 'out-of-range', 'is less than `min`');
  },
);

const responseClass = object(
  {
    status: optional(statuses, 'Answers of HTTP with a status in this range.'),
    grpc: optional(
      array(oneOf(GRPC_CODES), { minItems: 1, maxItems: GRPC_CODES.length, uniqueBy: 'item' }),
      'Answers of gRPC with one of these statuses in their head.',
    ),
    isFailure: required(boolean(), 'Whether they failed.'),
  },
  ({ status, grpc }, report) => {
    if (status === undefined && grpc === undefined)
      report([], 'missing-field', 'says nothing about which answers', 'add `status` or `grpc`');
  },
);

export const responseClasses = array(responseClass, { minItems: 1, maxItems: 16 });
