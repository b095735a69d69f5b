/** The name under which this mesh answers in status.parents and in XMesh objects. */
export const controllerName = 'heddle.dev/mesh-controller';
