/** What of an engine's spans goes on to the control plane: fit to be read there whatever a stranger wrote into a request, and bounded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS, observeUpJson, readObserveUp } from '@weft/core/agent-api';
import type { Span } from '@weft/core/services';
import type { TraceSpan } from '@weft/core/traces';
import { serviceMessages } from '@weft/envoy/services';
import { FakeClock } from '@weft/testkit/clock';
import fc from 'fast-check';
import { SpanRelay } from './span-relay.ts';

const SPAN: Span = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentId: '',
  remoteParent: false,
  traceState: '',
  name: 'GET',
  kind: 'server',
  start: 1_795_810_465_379.25,
  duration: 12.5,
  attributes: [['url.path', '/a']],
  error: true,
};
const message = (...spans: readonly Span[]): Uint8Array => serviceMessages.exportSpans({ attributes: [] }, spans);

function world() {
  const clock = new FakeClock();
  const told: { spans: readonly TraceSpan[]; missed: number }[] = [];
  const state = { takes: true };
  const relay = new SpanRelay(clock);
  relay.start((spans, missed) => {
    if (state.takes) told.push({ spans, missed });
    return state.takes;
  });
  return { clock, told, state, relay };
}

test('a span goes on as it was, with what it is looked at for', () => {
  const { clock, told, relay } = world();
  relay.take(
    message({
      ...SPAN,
      attributes: [
        ['url.path', '/a?token=s'],
        ['http.url', 'http://a/?token=s'],
        ['weft.kept', 'slow'],
      ],
    }),
  );
  relay.take(Uint8Array.of(255));
  clock.advance(500);
  const { traceId: trace, spanId: id, parentId: parent, name, kind, start, duration, error } = SPAN;
  const attributes = [
    ['url.path', '/a?token=<redacted>'],
    ['weft.kept', 'slow'],
  ];
  assert.deepEqual(told, [
    { spans: [{ trace, id, parent, name, kind, start, duration, error, attributes }], missed: 0 },
  ]);
});

test('whatever texts a span has, the control plane reads the message, and it is within its bound', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 700 }), fc.constant('€'.repeat(700))), { minLength: 1 }),
      (texts) => {
        const { clock, told, relay } = world();
        const names = ['url.path', 'server.address', 'response_flags', 'weft.route', 'client.address'];
        const spans = Array.from({ length: 30 }, (_, index) => ({
          ...SPAN,
          name: texts[index % texts.length] ?? '',
          attributes: names.map((name, at) => [name, texts[(index + at) % texts.length] ?? ''] as const),
        }));
        relay.take(message(...spans));
        clock.advance(500);
        assert.equal(
          told.reduce((sum, each) => sum + each.spans.length, 0),
          30,
        );
        for (const each of told) {
          const text = JSON.stringify(observeUpJson({ type: 'spans', ...each }));
          assert.ok(Buffer.byteLength(text) <= LIMITS.messageBytes);
          assert.equal(readObserveUp(JSON.parse(text)).ok, true, text);
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('while the stream does not keep up spans wait, so many and no more; what was dropped is told', () => {
  const { clock, told, state, relay } = world();
  state.takes = false;
  for (let i = 0; i < 11; i += 1) relay.take(message(...Array.from({ length: 100 }, () => SPAN)));
  clock.advance(60_000);
  assert.equal(told.length, 0);
  state.takes = true;
  clock.advance(500);
  assert.equal(
    told.reduce((sum, each) => sum + each.spans.length, 0),
    1000,
  );
  assert.deepEqual(told.map(({ missed }) => missed).slice(0, 2), [100, 0]);
});
