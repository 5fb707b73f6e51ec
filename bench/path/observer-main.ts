/** A process of its own for each pair, so that the code of one is not compiled for what another does. */
import { benchObserver } from './observer.ts';

await benchObserver(process.argv.slice(2));
process.exit();
