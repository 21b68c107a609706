// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {GasFixture} from "../support/GasFixture.sol";

contract StakingGasTest is GasFixture {
    function test_gas_operators() public {
        vm.startPrank(alice);
        uint32 id = staking.createOperator(alice, bob, address(registry));
        snap("OperatorStaking", "createOperator");
        staking.stake(id, 0, MINIMUM_STAKE);
        snap("OperatorStaking", "stake");
        string[] memory addrs = new string[](2);
        addrs[0] = "/ip4/127.0.0.1/tcp/60000";
        addrs[1] = "/ip4/127.0.0.1/tcp/60001/ws";
        services.announce(id, new bytes(39), addrs, 15, 1984, 1_000);
        snap("ServiceRegistry", "announce");
        staking.thaw(id, 0, MINIMUM_STAKE);
        snap("OperatorStaking", "thaw");
        skip(STAKE_THAW);
        staking.withdraw(id, 0);
        snap("OperatorStaking", "withdraw");
        vm.stopPrank();
    }
}
