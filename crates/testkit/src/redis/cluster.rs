//! Six nodes of a cluster: three masters, each with a replica. Knows nothing of who uses it.

use super::{Access, Node, cli, wait_for};
use crate::{Error, Result, port};

/// How long a node may be silent, in milliseconds, until its replica takes its place.
const NODE_TIMEOUT: &str = "1000";

/// A cluster; dropping it stops all nodes.
#[derive(Debug)]
pub struct Cluster {
    /// Its nodes.
    pub nodes: Vec<Node>,
    url: String,
}

impl Cluster {
    /// Starts the nodes, makes a cluster of them and waits until each of them says that all is well.
    pub fn start(access: Access) -> Result<Cluster> {
        let mut nodes = Vec::new();
        let mut addresses = Vec::new();
        for _ in 0..6 {
            let bus = port::free().to_string();
            let mut options =
                vec!["--cluster-enabled", "yes", "--cluster-node-timeout", NODE_TIMEOUT, "--cluster-port", &bus];
            if let Access::Guarded(_) = access {
                // Without it the map would name the ports without TLS to all.
                options.extend(["--tls-cluster", "yes"]);
            }
            let node = Node::start(access, &options)?;
            addresses.push(format!("{}@{bus}", node.address()));
            nodes.push(node);
        }
        let tls = access.of_cli();
        let mut words: Vec<&str> = tls.iter().map(String::as_str).collect();
        words.extend(["--cluster", "create"]);
        words.extend(addresses.iter().map(String::as_str));
        words.extend(["--cluster-replicas", "1", "--cluster-yes"]);
        cli(nodes[0].client_port(), &words)?;
        let hosts: Vec<_> = nodes.iter().step_by(2).map(Node::address).collect();
        let url = format!("{}{}", access.url("cluster"), hosts.join(","));
        let cluster = Cluster { nodes, url };
        let ready = |node: &Node| {
            let state = cli(node.port, &["CLUSTER", "INFO"]).unwrap_or_default();
            let links = cli(node.port, &["INFO", "replication"]).unwrap_or_default();
            state.contains("cluster_state:ok")
                && (links.contains("master_link_status:up") || links.contains("connected_slaves:1"))
        };
        wait_for("the cluster is not ready", || cluster.nodes.iter().all(ready).then_some(()))?;
        Ok(cluster)
    }

    /// The setting `redis` of Weft: some of the nodes.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// The master on which keys with this hash tag are.
    pub fn master_of(&mut self, tag: &str) -> Result<&mut Node> {
        let mut masters = Vec::new();
        for node in &mut self.nodes {
            if !matches!(node.process().try_wait(), Ok(None)) {
                continue;
            }
            // One that does not have the key says who has it.
            match node.command(&["GET", &format!("{{{tag}}}:testkit")])?.split_once("MOVED ") {
                Some((_, to)) => masters.extend(to.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok())),
                None => masters.push(node.port),
            }
        }
        let port = *masters.first().ok_or_else(|| Error::new("no node is there"))?;
        self.nodes.iter_mut().find(|n| n.port == port).ok_or_else(|| Error::new(format!("no node has port {port}")))
    }
}
