import type { RuntimeCreate } from '#engine/ports/container-runtime.ts';
import type { SpecOptions } from './rootfs.ts';
import { RuntimeWorld } from './runtime-world.ts';
import type { Place } from './runtime-world.ts';

/** A process that owns a runtime, to be killed: `node runtime-owner.ts PLACE ORDERS`, both JSON. */
export type Order = {
  readonly id: string;
  readonly args: readonly string[];
  readonly more?: SpecOptions & Partial<RuntimeCreate>;
  readonly step: 'create' | 'start' | 'exec' | 'detached-exec' | 'pause';
};

const [placeText, ordersText] = process.argv.slice(2);
const place = JSON.parse(placeText ?? '') as Place;
const orders = JSON.parse(ordersText ?? '') as Order[];

const world = await RuntimeWorld.open(place);
await world.runtime.recover([]);
process.stdout.write('open\n');
for (const { id, args, more, step } of orders) {
  await world.create(args, { ...more, id });
  if (step === 'create') continue;
  await world.runtime.start(id);
  if (step === 'exec') await world.exec(id, ['sleep', '1000']);
  if (step === 'detached-exec') await world.exec(id, ['sleep', '1000'], { detached: true });
  if (step === 'pause') await world.runtime.pause(id);
}
process.stdout.write('ready\n');
