//! What a load carries, by its ledger.

use transaction::{Ledger, Mode, Request, Shape, Tables, generate};

use super::AskedLoad;
use crate::report::{PredictedLoad, ReplayedTransaction};

pub(super) fn ledger_of(of: &ReplayedTransaction) -> PredictedLoad {
    PredictedLoad {
        services: of.services,
        endpoints_per_service: of.endpoints_per_service,
        entries: of.entries as f64,
        anonymous_maps: of.anonymous_maps as f64,
        table_sets: of.table_sets as f64,
    }
}

/// What the load carries. Each Service adds the same, so that two small tables tell of any.
pub(super) fn carried(of: AskedLoad, shape: &str) -> Result<PredictedLoad, String> {
    let (services, endpoints) = match of {
        AskedLoad::Ledger(ledger) => {
            return Ok(PredictedLoad {
                services: None,
                endpoints_per_service: None,
                entries: ledger.entries as f64,
                anonymous_maps: ledger.anonymous as f64,
                table_sets: ledger.table_sets as f64,
            });
        }
        AskedLoad::Scale(services, endpoints) => (services, endpoints),
    };
    let shape: Shape = shape.parse()?;
    let each =
        u32::try_from(endpoints).map_err(|_| format!("{endpoints} endpoints are too many"))?;
    let ledger = |services: u32| {
        let text = generate(&Request {
            mode: Mode::Nftables,
            shape,
            services,
            endpoints: each,
            from_replicas: None,
            local: 0,
            has_api_endpoint: true,
        });
        let ledger = Tables::default().load(&text);
        ledger.map_err(|error| error.to_string())
    };
    const SMALL: [u32; 2] = [8, 16];
    let (few, more) = (ledger(SMALL[0])?, ledger(SMALL[1])?);
    let at = |of: fn(&Ledger) -> u64| {
        let (few, more) = (of(&few) as f64, of(&more) as f64);
        let each = (more - few) / f64::from(SMALL[1] - SMALL[0]);
        few + each * (services as f64 - f64::from(SMALL[0]))
    };
    Ok(PredictedLoad {
        services: Some(services),
        endpoints_per_service: Some(endpoints),
        entries: at(|ledger| ledger.entries),
        anonymous_maps: at(|ledger| ledger.anonymous),
        table_sets: at(|ledger| ledger.table_sets),
    })
}
