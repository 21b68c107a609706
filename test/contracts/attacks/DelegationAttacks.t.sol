// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations as D} from "../../../contracts/interfaces/IDelegations.sol";
import {IProvisions as P} from "../../../contracts/interfaces/IProvisions.sol";
import {StakingFixture} from "../support/StakingFixture.sol";

/// Shares of a pool. Numbered like the list of attacks in docs/contracts.md.
contract DelegationAttacksTest is StakingFixture {
    // --- 20: shares ---

    function test_attack20_inflationByTheFirstDelegator() public {
        uint256 wealth = token.balanceOf(mallory);
        delegate(mallory, 1);
        vm.prank(mallory);
        staking.addRewards(id, 0, 1_000 * TEA);
        delegate(alice, 999 * TEA);
        ok(staking.delegation(id, 0, alice).value > 998 * TEA, "the victim has what it put in");
        exit(mallory);
        ok(wealth - token.balanceOf(mallory) >= 400 * TEA, "the attacker gave much of it away");
        exit(alice);
        ok(token.balanceOf(alice) > WEALTH - TEA, "nothing to speak of is lost");
    }

    function test_attack20_tokensSentToTheContractMoveNoPrice() public {
        delegate(mallory, 1);
        vm.prank(mallory);
        token.transfer(address(staking), 1_000 * TEA);
        eq(delegate(alice, 1_000), 1_000 * 1e6, "a share costs what it did");
    }

    function testFuzz_attack20_roundingIsThePoolsGain(uint256 seed) public {
        delegate(alice, 1_000 * TEA);
        uint256 put;
        uint256 got;
        uint256 before = token.balanceOf(mallory);
        for (uint256 i = 0; i < 6; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint128 amount = uint128(within(seed, 1, 1e6));
            delegate(mallory, amount);
            put += amount;
            exit(mallory);
            if (seed & 1 == 0) continue;
            staking.slash(id, 0, MINIMUM_STAKE + uint128((seed >> 8) % 1e8), 0, bob);
            vm.prank(bob);
            staking.stake(id, 0, MINIMUM_STAKE);
        }
        got = token.balanceOf(mallory) + put - before;
        ok(got <= put, "in and out again never gains");
    }

    function test_attack20_exitAfterATotalSlash() public {
        delegate(alice, 1_000);
        delegate(bob, 1_000);
        uint128 half = staking.delegation(id, 0, bob).shares / 2;
        vm.prank(bob);
        staking.undelegate(id, 0, half);
        vm.expectEmit();
        emit D.PoolEmptied(id, 0, 1);
        staking.slash(id, 0, type(uint128).max, 0, carol);
        eq(staking.delegation(id, 0, alice).shares, 0, "void");
        eq(staking.delegation(id, 0, bob).thawing, 0, "void too");
        eq(staking.provision(id, 0).delegatedShares, 0, "no shares");
        // the next one is not diluted by those who lost all, and they may come again
        eq(delegate(carol, 1_000), 1_000 * 1e6, "a new pool");
        delegate(alice, 500);
        exit(alice);
        exit(carol);
        eq(token.balanceOf(alice), WEALTH - 1_000, "lost once, not twice");
        eq(token.balanceOf(carol), WEALTH, "untouched");
    }

    function test_attack20_exitAfterANearlyTotalSlash() public {
        delegate(alice, 1_000 * TEA);
        staking.slash(id, 0, MINIMUM_STAKE + 1_000 * TEA - 1, 0, carol);
        eq(staking.provision(id, 0).delegated, 1, "one unit");
        delegate(bob, 1_000 * TEA); // the price is tiny, shares are many
        ok(staking.delegation(id, 0, bob).value >= 999 * TEA, "worth what was paid");
        exit(alice);
        exit(bob);
        ok(token.balanceOf(bob) >= WEALTH - TEA, "and out again");
    }

    function test_attack20_dustDelegations() public {
        delegate(alice, 1_000);
        vm.prank(bob);
        staking.addRewards(id, 0, 500);
        for (uint256 i = 0; i < 10; ++i) delegate(mallory, 1);
        vm.startPrank(mallory);
        for (uint256 i = 0; i < 10; ++i) staking.undelegate(id, 0, 1); // a millionth of a unit
        vm.stopPrank();
        skip(STAKE_THAW);
        eq(staking.withdrawDelegation(id, 0, mallory), 0, "worth nothing, but gone");
        exit(mallory);
        exit(alice);
        ok(token.balanceOf(alice) >= WEALTH + 498, "alice has her reward");
        P.Provision memory p = staking.provision(id, 0);
        eq(p.delegatedShares, 0, "no share is left behind");
        eq(
            token.balanceOf(address(staking)),
            p.tokens + p.delegated,
            "what rounding left is held for nobody"
        );
    }
}
