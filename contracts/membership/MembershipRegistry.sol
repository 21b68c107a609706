// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IOperatorStaking} from "../interfaces/IOperatorStaking.sol";
import {MembershipLedger} from "./MembershipLedger.sol";
import {RelayedMemberships} from "./RelayedMemberships.sol";
import {Slashing} from "./Slashing.sol";

/// @title RLN memberships
/// @dev Each part has one idea: MembershipLedger the members and the hash over their changes, Memberships their life,
/// HomeFees the streams to operators, RelayedMemberships the same by signature, Slashing the end of spammers.
contract MembershipRegistry is RelayedMemberships, Slashing {
    constructor(
        IERC20 token_,
        IOperatorStaking staking_,
        Params memory params
    ) MembershipLedger(token_, staking_, params) {}
}
