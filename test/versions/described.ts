/** A method, a path, the first version that describes it and the last. */
export type Described = {
  readonly method: string;
  readonly path: string;
  readonly since: string;
  readonly until: string;
};

const read = (text: string): Described[] =>
  text
    .trim()
    .split('\n')
    .map((line) => {
      const [method = '', path = '', since = '', until = '1.51'] = line.split(' ');
      return { method, path, since, until };
    });

/**
 * What the API's owner has described for 1.25 to 1.51, and where it went until when. Facts only: `every-path.test.ts`
 * compares them with the descriptions where those are at hand.
 */
export const DESCRIBED = read(`
DELETE /configs/{id} 1.30
DELETE /containers/{id} 1.25
DELETE /images/{name} 1.25
DELETE /networks/{id} 1.25
DELETE /nodes/{id} 1.25
DELETE /plugins/{name} 1.25
DELETE /secrets/{id} 1.25
DELETE /services/{id} 1.25
DELETE /volumes/{name} 1.25
GET /_ping 1.25
GET /configs 1.30
GET /configs/{id} 1.30
GET /containers/json 1.25
GET /containers/{id}/archive 1.25
GET /containers/{id}/attach/ws 1.25
GET /containers/{id}/changes 1.25
GET /containers/{id}/export 1.25
GET /containers/{id}/json 1.25
GET /containers/{id}/logs 1.25
GET /containers/{id}/stats 1.25
GET /containers/{id}/top 1.25
GET /distribution/{name}/json 1.30
GET /events 1.25
GET /exec/{id}/json 1.25
GET /images/get 1.25
GET /images/json 1.25
GET /images/search 1.25
GET /images/{name}/get 1.25
GET /images/{name}/history 1.25
GET /images/{name}/json 1.25
GET /info 1.25
GET /networks 1.25
GET /networks/{id} 1.25
GET /nodes 1.25
GET /nodes/{id} 1.25
GET /plugins 1.25
GET /plugins/privileges 1.25
GET /plugins/{name}/json 1.25
GET /secrets 1.25
GET /secrets/{id} 1.25
GET /services 1.25
GET /services/{id} 1.25
GET /services/{id}/logs 1.25
GET /swarm 1.25
GET /swarm/unlockkey 1.25
GET /system/df 1.25
GET /tasks 1.25
GET /tasks/{id} 1.25
GET /tasks/{id}/logs 1.29
GET /version 1.25
GET /volumes 1.25
GET /volumes/{name} 1.25
HEAD /_ping 1.40
HEAD /containers/{id}/archive 1.25
POST /auth 1.25
POST /build 1.25
POST /build/prune 1.31
POST /commit 1.25
POST /configs/create 1.30
POST /configs/{id}/update 1.30
POST /containers/create 1.25
POST /containers/prune 1.25
POST /containers/{id}/attach 1.25
POST /containers/{id}/exec 1.25
POST /containers/{id}/kill 1.25
POST /containers/{id}/pause 1.25
POST /containers/{id}/rename 1.25
POST /containers/{id}/resize 1.25
POST /containers/{id}/restart 1.25
POST /containers/{id}/start 1.25
POST /containers/{id}/stop 1.25
POST /containers/{id}/unpause 1.25
POST /containers/{id}/update 1.25
POST /containers/{id}/wait 1.25
POST /exec/{id}/resize 1.25
POST /exec/{id}/start 1.25
POST /images/create 1.25
POST /images/load 1.25
POST /images/prune 1.25
POST /images/{name}/push 1.25
POST /images/{name}/tag 1.25
POST /networks/create 1.25
POST /networks/prune 1.25
POST /networks/{id}/connect 1.25
POST /networks/{id}/disconnect 1.25
POST /nodes/{id}/update 1.25
POST /plugins/create 1.25
POST /plugins/pull 1.25
POST /plugins/{name}/disable 1.25
POST /plugins/{name}/enable 1.25
POST /plugins/{name}/push 1.25
POST /plugins/{name}/set 1.25
POST /plugins/{name}/upgrade 1.26
POST /secrets/create 1.25
POST /secrets/{id}/update 1.26
POST /services/create 1.25
POST /services/{id}/update 1.25
POST /session 1.31
POST /swarm/init 1.25
POST /swarm/join 1.25
POST /swarm/leave 1.25
POST /swarm/unlock 1.25
POST /swarm/update 1.25
POST /volumes/create 1.25
POST /volumes/prune 1.25
PUT /containers/{id}/archive 1.25
PUT /volumes/{name} 1.42
`);

/** What older descriptions name, for their own versions. */
export const OLD_DESCRIBED = read(`
DELETE /containers/16253994b7c4 1.0 1.0
DELETE /images/test 1.0 1.0
GET /auth 1.0 1.0
GET /containers/4fa6e0f0c678/changes 1.0 1.0
GET /containers/4fa6e0f0c678/export 1.0 1.0
GET /containers/4fa6e0f0c678/json 1.0 1.0
GET /containers/json 1.0 1.0
GET /images/centos/json 1.0 1.0
GET /images/fedora/history 1.0 1.0
GET /images/json 1.0 1.0
GET /images/search 1.0 1.0
GET /images/viz 1.0 1.0
GET /info 1.0 1.0
GET /version 1.0 1.0
POST /auth 1.0 1.0
POST /build 1.0 1.0
POST /commit 1.0 1.0
POST /containers/16253994b7c4/attach 1.0 1.0
POST /containers/16253994b7c4/wait 1.0 1.0
POST /containers/create 1.0 1.0
POST /containers/e90e34656806/kill 1.0 1.0
POST /containers/e90e34656806/restart 1.0 1.0
POST /containers/e90e34656806/start 1.0 1.0
POST /containers/e90e34656806/stop 1.0 1.0
POST /images/create 1.0 1.0
POST /images/test/insert 1.0 1.0
POST /images/test/push 1.0 1.0
POST /images/test/tag 1.0 1.0
DELETE /containers/16253994b7c4 1.21 1.21
DELETE /containers/{id} 1.21 1.21
GET /containers/4fa6e0f0c678/changes 1.21 1.21
GET /containers/4fa6e0f0c678/export 1.21 1.21
GET /containers/4fa6e0f0c678/json 1.21 1.21
GET /containers/4fa6e0f0c678/logs 1.21 1.21
GET /containers/4fa6e0f0c678/top 1.21 1.21
GET /containers/json 1.21 1.21
GET /containers/redis1/stats 1.21 1.21
GET /containers/{id}/archive 1.21 1.21
GET /containers/{id}/attach/ws 1.21 1.21
GET /containers/{id}/changes 1.21 1.21
GET /containers/{id}/export 1.21 1.21
GET /containers/{id}/json 1.21 1.21
GET /containers/{id}/logs 1.21 1.21
GET /containers/{id}/stats 1.21 1.21
HEAD /containers/{id}/archive 1.21 1.21
POST /containers/16253994b7c4/attach 1.21 1.21
POST /containers/16253994b7c4/wait 1.21 1.21
POST /containers/4fa6e0f0c678/copy 1.21 1.21
POST /containers/4fa6e0f0c678/resize 1.21 1.21
POST /containers/create 1.21 1.21
POST /containers/e90e34656806/kill 1.21 1.21
POST /containers/e90e34656806/start 1.21 1.21
POST /containers/e90e34656806/stop 1.21 1.21
POST /containers/{id}/attach 1.21 1.21
POST /containers/{id}/copy 1.21 1.21
POST /containers/{id}/kill 1.21 1.21
POST /containers/{id}/pause 1.21 1.21
POST /containers/{id}/rename 1.21 1.21
POST /containers/{id}/resize 1.21 1.21
POST /containers/{id}/restart 1.21 1.21
POST /containers/{id}/start 1.21 1.21
POST /containers/{id}/stop 1.21 1.21
POST /containers/{id}/unpause 1.21 1.21
POST /containers/{id}/wait 1.21 1.21
PUT /containers/{id}/archive 1.21 1.21
`);

/** What descriptions of hyperd's API name, whatever the release. */
export const HYPER_DESCRIBED = read(`
DELETE /image
DELETE /pod
GET /container/exitcode
GET /container/info
GET /container/logs
GET /images/get
GET /info
GET /list
GET /pod/info
GET /pod/stats
GET /pod/{pod_id}/portmappings
POST /attach
POST /auth
POST /container/commit
POST /container/create
POST /container/kill
POST /container/remove
POST /container/rename
POST /container/start
POST /container/stop
POST /exec/create
POST /exec/start
POST /image/build
POST /image/create
POST /image/push
POST /images/push
POST /images/remove
POST /pod/create
POST /pod/kill
POST /pod/labels
POST /pod/remove
POST /pod/start
POST /pod/stop
POST /tty/resize
POST /vm/create
POST /vm/kill
PUT /pod/{pod_id}/portmappings/{action}
`);
