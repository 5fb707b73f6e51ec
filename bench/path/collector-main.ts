/** A collector of spans in a process of its own, which forgets what it takes. It ends with who started it. */
import { SpanCollector } from '@weft/testkit/services';

const collector = new SpanCollector();
await collector.start();
process.on('disconnect', () => process.exit());
setInterval(() => collector.spans.splice(0), 100).unref();
process.send?.(collector.grpcPort);
