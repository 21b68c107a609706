// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IServiceRegistry as S} from "../../../contracts/interfaces/IServiceRegistry.sol";
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
        services.announce(id, S.Record(new bytes(39), addrs, 15, 1984, 1_000));
        snap("ServiceRegistry", "announce");
        staking.stake(id, 0, MINIMUM_STAKE);
        snap("OperatorStaking", "stakeMore");
        staking.thaw(id, 0, MINIMUM_STAKE);
        snap("OperatorStaking", "thaw");
        skip(STAKE_THAW);
        staking.withdraw(id, 0);
        snap("OperatorStaking", "withdraw");
        staking.setKeys(id, carol, bob);
        snap("OperatorStaking", "setKeys");
        vm.stopPrank();
    }

    function test_gas_slash() public {
        vm.prank(carol);
        staking.setAdjudicator(home, 0, mallory, true);
        snap("OperatorStaking", "setAdjudicator");
        vm.prank(mallory);
        staking.slash(home, 0, TEA, TEA / 2, bob);
        snap("OperatorStaking", "slash");
    }

    function test_gas_delegation() public {
        vm.prank(bob);
        staking.delegate(home, 0, TEA, 0); // the pool exists
        vm.startPrank(alice);
        staking.delegate(home, 0, TEA, 0);
        snap("OperatorStaking", "delegate");
        staking.addRewards(home, 0, TEA);
        snap("OperatorStaking", "addRewards");
        staking.undelegate(home, 0, 1e12);
        snap("OperatorStaking", "undelegate");
        skip(STAKE_THAW);
        staking.withdrawDelegation(home, 0, alice);
        snap("OperatorStaking", "withdrawDelegation");
        vm.stopPrank();
    }

    function test_gas_drawIncome() public {
        vm.prank(carol);
        staking.setFeeRegistry(home, mallory);
        skip(1_000);
        vm.prank(mallory);
        staking.drawIncome(home, TEA);
        snap("OperatorStaking", "drawIncome");
    }
}
