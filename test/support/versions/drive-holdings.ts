import type { Speaker } from './speaker.ts';

/** Volumes, where the version has them. */
export const driveVolumes = async (speaker: Speaker): Promise<void> => {
  if (!speaker.knows('volume-create')) return;
  const name = `volume-${speaker.version.replace('.', '-')}`;
  await speaker.ask('POST', '/volumes/create', { body: { Name: name, Driver: 'local' } });
  if (speaker.knows('volume-list')) await speaker.ask('GET', '/volumes');
  if (speaker.knows('volume-inspect')) await speaker.ask('GET', `/volumes/${name}`);
  if (!speaker.knows('volume-remove')) return;
  await speaker.ask('DELETE', `/volumes/${name}`);
  await speaker.fail(['GET', `/volumes/${name}`], 404);
};

/** Networks, where the version has them. */
export const driveNetworks = async (speaker: Speaker): Promise<void> => {
  if (speaker.knows('network-list')) await speaker.ask('GET', '/networks');
  if (speaker.knows('network-inspect')) await speaker.ask('GET', '/networks/bridge');
  if (!speaker.knows('network-create')) return;
  const name = `net-${speaker.version.replace('.', '-')}`;
  await speaker.ask('POST', '/networks/create', { body: { Name: name, Driver: 'bridge' } });
  if (speaker.knows('network-connect')) await join(speaker, name);
  await speaker.ask('GET', `/networks/${name}`);
  if (speaker.knows('network-remove')) await speaker.ask('DELETE', `/networks/${name}`);
};

const join = async (speaker: Speaker, network: string): Promise<void> => {
  const { Id: id } = await speaker.json<{ Id: string }>('POST', '/containers/create', {
    body: { Image: 'busybox', Cmd: ['sleep', '1000'] },
  });
  await speaker.ask('POST', `/containers/${id}/start`);
  await speaker.ask('POST', `/networks/${network}/connect`, { body: { Container: id } });
  await speaker.ask('GET', `/networks/${network}`);
  await speaker.ask('GET', `/containers/${id}/json`);
  if (speaker.knows('network-disconnect'))
    await speaker.ask('POST', `/networks/${network}/disconnect`, { body: { Container: id } });
  await speaker.ask('DELETE', `/containers/${id}?force=1`);
};

/** Filters that match nothing: other things of the daemon stay. */
export const prune = async (speaker: Speaker): Promise<void> => {
  const query = `?filters=${encodeURIComponent(JSON.stringify({ label: ['nothing=has-this'] }))}`;
  for (const noun of ['container', 'image', 'volume', 'network'])
    if (speaker.knows(`${noun}-prune`)) await speaker.ask('POST', `/${noun}s/prune${query}`);
};
