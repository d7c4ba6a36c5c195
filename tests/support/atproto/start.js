// start.js STATEFILE: a directory of identities (PLC) and a server of repositories (PDS), on loopback alone.
const net = require('node:net')
const fs = require('node:fs')

// The package listens on every interface of the machine: hold it to loopback.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  if (typeof given[0] === 'number') {
    return listen.call(this, { port: given[0], host: '127.0.0.1' }, given.find((x) => typeof x === 'function'))
  }
  if (given[0] && typeof given[0] === 'object' && 'port' in given[0]) given[0].host = '127.0.0.1'
  return listen.apply(this, given)
}
process.env.LOG_ENABLED ??= 'false'
const { TestNetworkNoAppView } = require(`${process.env.PEER}/node_modules/@atproto/dev-env`)

;(async () => {
  const network = await TestNetworkNoAppView.create({})
  const found = { pds: network.pds.url.replace('localhost', '127.0.0.1'), plc: network.plc.url.replace('localhost', '127.0.0.1') }
  fs.writeFileSync(`${process.argv[2]}.new`, JSON.stringify(found))
  fs.renameSync(`${process.argv[2]}.new`, process.argv[2])
  process.on('SIGTERM', async () => {
    await network.close()
    process.exit(0)
  })
})()
