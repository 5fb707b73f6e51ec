/** A process of its own for the measurement. */
import { benchMatchers } from './matchers.ts';

await benchMatchers(process.argv.slice(2));
process.exit();
