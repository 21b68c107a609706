// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {Fixture} from "./Fixture.sol";

/// @dev mallory has an operator; who delegates to it, and leaves it again.
abstract contract StakingFixture is Fixture {
    uint32 internal id;

    function setUp() public virtual override {
        super.setUp();
        begin();
    }

    /// @dev mallory's operator, with this test as its court.
    function begin() internal {
        id = operatorWithStake(mallory, mallory, mallory);
        vm.prank(mallory);
        staking.setAdjudicator(id, 0, address(this), true);
    }

    function use(LocalToken hostile) internal {
        deploy(IERC20(address(hostile)));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
    }

    function delegate(address who, uint128 amount) internal returns (uint128) {
        uint32 version = staking.provision(id, 0).version;
        vm.prank(who);
        return staking.delegate(id, 0, amount, version);
    }

    function exit(address who) internal {
        uint128 shares = staking.delegation(id, 0, who).shares;
        vm.prank(who);
        staking.undelegate(id, 0, shares);
        skip(STAKE_THAW);
        staking.withdrawDelegation(id, 0, who);
    }
}
