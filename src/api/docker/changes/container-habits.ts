import type { Static } from 'typebox';
import type { Change } from '#api/dialect/change.ts';
import { defaulted } from '#api/dialect/change.ts';
import { CreateBody } from '#api/docker/schema/create-body.ts';

/** What a container's programs find inside, and when it is looked for, by the year of its client. */

type Habits = NonNullable<Static<typeof CreateBody>['habits']>;

type Rule = { readonly id: string; readonly in: string; readonly why: string; readonly older: Habits };

const habit = ({ id, in: version, why, older }: Rule): Change =>
  defaulted({
    id,
    in: version,
    on: CreateBody,
    why,
    source: 'docker-semantics.md 19',
    // Changes go upwards: an older one has spoken before.
    up: (body) => ({ ...body, habits: { ...older, ...body.habits } }),
    examples: [{ older: {}, newer: { habits: older } }],
  });

export const CONTAINER_HABITS: readonly Change[] = [
  habit({
    id: 'resolver-of-the-host',
    in: '1.46',
    why: "resolv.conf was the host's own text where nothing else was asked for, and began with the search list",
    older: { resolver: 'search-first' },
  }),
  habit({
    id: 'host-name-with-domain',
    in: '1.27',
    why: "a domain name was a part of the kernel's host name",
    older: { wholeHostName: true },
  }),
  habit({
    id: 'resolver-servers-first',
    in: '1.21',
    why: 'a resolv.conf that was put together began with the name servers',
    older: { resolver: 'servers-first' },
  }),
  habit({
    id: 'hosts-links-by-alias',
    in: '1.18',
    why: 'a linked container stood in the hosts file with its alias alone',
    older: { bareLinks: true },
  }),
  habit({
    id: 'volumes-from-found-at-start',
    in: '1.15',
    why: 'volumes of other containers were looked for at start: a client took a 404 of create for a missing image; memory could be limited from 512 KB on',
    older: { lateVolumes: true, leastMemoryBytes: 512 << 10 },
  }),
];
