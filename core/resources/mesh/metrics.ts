/** spec.metrics of a Mesh: where its metrics are pushed to. */
import { parseDuration } from '../../kernel/index.ts';
import { duration } from '../schema/formats.ts';
import { defaulted, object, oneOf, optional, required, string } from '../schema/schema.ts';
import { caCertificates, checkCollector, collectorUrl, protocol, resourceAttributes } from './collector.ts';

const SHORTEST = 1000;
const LONGEST = 3_600_000;

export const metrics = object({
  otlp: optional(
    object(
      {
        endpoint: required(
          string({ format: collectorUrl }),
          'The collector. Without a port: 4317 over gRPC, 4318 over HTTP.',
        ),
        protocol: protocol('/v1/metrics'),
        caCertificates,
        interval: defaulted(string({ format: duration }), '15s', 'Time between two pushes, from `1s` to `1h`.'),
        temporality: defaulted(
          oneOf(['Cumulative', 'Delta']),
          'Cumulative',
          '`Cumulative`: totals since the control plane began to count. `Delta`: what was counted since the last push; what is not taken is sent again, within bounds.',
        ),
        histograms: defaulted(
          oneOf(['Explicit', 'Exponential']),
          'Explicit',
          'How durations are told: by the bounds that `/metrics` has, or as exponential histograms of scale 3, which are a third of the size.',
        ),
        resourceAttributes,
      },
      ({ endpoint, caCertificates: pem, interval }, report) => {
        checkCollector({ endpoint, caCertificates: pem }, report);
        const ms = parseDuration(interval) ?? 0;
        if (ms < SHORTEST || ms > LONGEST) report(['interval'], 'out-of-range', 'must be from `1s` to `1h`');
      },
    ),
    'The control plane pushes what its proxies count (`istio_*`), and of the mesh `default` its own metrics too.',
  ),
});
